import { Construct } from 'constructs';
import { FUNCTIONS, type FunctionName } from '../../functions/index.js';
import { keyCommand, keyCommandName } from '../../model/documents/index.js';
import { functionsOf, METRIC_NAMESPACE, wholeDays } from '../../model/index.js';
import {
  EventRule,
  EventTarget,
  LambdaPermission,
  LogMetricFilter,
  SecretRotation,
  SsmDocument,
} from '../resources/automation.js';
import { EnvironmentFunction } from './function.js';
import { type FunctionSurroundings, KEY_COMMANDS } from './function-settings.js';
import { literal } from './literal.js';
import type { LogGroupRef } from './log-groups.js';
import type { Secrets } from './secrets.js';

export interface FailoverProps extends FunctionSurroundings {
  readonly logGroup: LogGroupRef;
  readonly secrets: Secrets;
}

type Functions = Partial<Record<FunctionName, EnvironmentFunction>>;

/** What the environment does by itself: the functions, what starts them, and the events of AWS people must hear of. */
export class Failover extends Construct {
  readonly functions: Functions;

  constructor(
    scope: Construct,
    private readonly props: FailoverProps,
  ) {
    super(scope, 'failover');
    const { plan, logGroup } = props;
    const wanted = functionsOf(plan.config, plan.hosts.standing) as FunctionName[];
    this.functions = Object.fromEntries(
      wanted.map((name) => [name, new EnvironmentFunction(this, FUNCTIONS[name], props, logGroup)]),
    );
    const {
      'rotate-secret': rotate,
      'checkpoint-archive': checkpoint,
      'check-restore': restore,
    } = this.functions;
    if (rotate) this.rotation(rotate);
    if (checkpoint) this.daily('checkpoint', 'Seals yesterday in the archive.', '20 0', checkpoint);
    if (restore) this.judgeRestores(restore);
    this.tellOfHosts();
  }

  private rotation(rotate: EnvironmentFunction): void {
    const { plan, secrets } = this.props;
    for (const command of KEY_COMMANDS) {
      new SsmDocument(this, `${command}-command`, {
        name: keyCommandName(plan, command),
        documentType: 'Command',
        documentFormat: 'JSON',
        targetType: '/AWS::EC2::Instance',
        content: literal(JSON.stringify(keyCommand(command, plan))),
      });
    }
    const permission = new LambdaPermission(this, 'secrets-manager-rotates', {
      functionName: rotate.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: plan.config.account,
    });
    for (const [venue, secretId] of Object.entries(secrets.byVenue)) {
      new SecretRotation(
        this,
        `${venue}-rotation`,
        {
          secretId,
          rotationLambdaArn: rotate.arn,
          // An apply is no reason for a new key.
          rotateImmediately: false,
          rotationRules: [{ scheduleExpression: `rate(${wholeDays(plan.config.secrets.rotateEvery)} days)` }],
        },
        { dependsOn: [permission] },
      );
      this.daily(
        `${venue}-sweep`,
        `Completes a rotation of the ${venue} key and ends its overlap.`,
        '10 1',
        rotate,
        { Step: 'sweep', SecretId: secretId },
      );
    }
  }

  /** `at`: minute and hour, UTC. */
  private daily(
    id: string,
    description: string,
    at: string,
    target: EnvironmentFunction,
    event?: Readonly<Record<string, string>>,
  ): void {
    this.start(id, description, { scheduleExpression: `cron(${at} * * ? *)` }, target, event);
  }

  private start(
    id: string,
    description: string,
    when: { readonly scheduleExpression: string } | { readonly eventPattern: string },
    target: EnvironmentFunction,
    event?: Readonly<Record<string, string>>,
  ): void {
    const rule = this.rule(id, description, when);
    new EventTarget(this, `${id}-target`, {
      rule: rule.ref('name'),
      arn: target.arn,
      ...(event ? { input: JSON.stringify(event) } : {}),
      retryPolicy: [{ maximumEventAgeInSeconds: 7_200, maximumRetryAttempts: 3 }],
    });
    new LambdaPermission(this, `${id}-permission`, {
      functionName: target.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      sourceArn: rule.ref('arn'),
    });
  }

  private rule(
    id: string,
    description: string,
    when: { readonly scheduleExpression: string } | { readonly eventPattern: string },
  ) {
    return new EventRule(this, id, { name: `${this.props.plan.names.prefix}-${id}`, description, ...when });
  }

  /** AWS Backup restores for a test; the function judges, its verdict is counted, jobs that never got so far are told of. */
  private judgeRestores(restore: EnvironmentFunction): void {
    const { plan, logGroup, topics } = this.props;
    const pattern = (detail: object) =>
      JSON.stringify({ source: ['aws.backup'], 'detail-type': ['Restore Job State Change'], detail });
    this.start(
      'restore-completed',
      'A restore job ended: what it restored is judged.',
      { eventPattern: pattern({ status: ['COMPLETED'], restoreTestingPlanArn: [{ exists: true }] }) },
      restore,
    );
    this.notice(
      'restore-failed',
      'A restore job failed, so that nothing could be judged.',
      pattern({ status: ['FAILED', 'ABORTED'] }),
      topics.warning,
      { job: '$.detail.restoreJobId', type: '$.detail.resourceType', why: '$.detail.statusMessage' },
      'restore job <job> of <type> failed: <why>.',
      'restore-test-failed',
    );
    new LogMetricFilter(this, 'restore-verdicts', {
      name: `${plan.names.prefix}-restore-verdicts`,
      logGroupName: logGroup.name,
      pattern: '{ ($.function = "check-restore") && ($.status = "FAILED") }',
      metricTransformation: [
        {
          namespace: METRIC_NAMESPACE,
          name: 'RestoreTestFailures',
          value: '1',
          unit: 'Count',
          dimensions: { Environment: '$.environment' },
        },
      ],
    });
  }

  /** A host that stops, whoever stopped it, and maintenance AWS has planned for it. */
  private tellOfHosts(): void {
    const { trading, topics } = this.props;
    const instances = Object.values(trading.hosts).map(({ instanceId }) => instanceId);
    if (instances.length === 0) return;
    this.notice(
      'host-state',
      'A trading host stops or is gone.',
      JSON.stringify({
        source: ['aws.ec2'],
        'detail-type': ['EC2 Instance State-change Notification'],
        detail: { state: ['stopping', 'stopped', 'shutting-down', 'terminated'], 'instance-id': instances },
      }),
      topics.critical,
      { instance: '$.detail.instance-id', state: '$.detail.state' },
      'host <instance> is <state>.',
      'host-status',
    );
    this.notice(
      'host-maintenance',
      'AWS plans maintenance of a trading host, or finds what it stands on degraded.',
      JSON.stringify({
        source: ['aws.health'],
        'detail-type': ['AWS Health Event'],
        detail: { service: ['EC2'], affectedEntities: { entityValue: instances } },
      }),
      topics.warning,
      { what: '$.detail.eventTypeCode', from: '$.detail.startTime' },
      'AWS announces <what> for a host, from <from>. Hand over first.',
      'host-status',
    );
  }

  /** An event of AWS that people are told of in words; `<name>` stands for a path. */
  private notice(
    id: string,
    description: string,
    eventPattern: string,
    topic: string,
    inputPaths: Readonly<Record<string, string>>,
    text: string,
    runbook: string,
  ): void {
    const { names, config } = this.props.plan;
    const rule = this.rule(id, description, { eventPattern });
    new EventTarget(this, `${id}-people`, {
      rule: rule.ref('name'),
      arn: topic,
      inputTransformer: [
        {
          inputPaths,
          inputTemplate: JSON.stringify(
            `${names.prefix}: ${text} Runbook: ${config.observability.runbooks}/${runbook}.md`,
          ),
        },
      ],
    });
  }
}
