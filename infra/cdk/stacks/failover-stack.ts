import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { FUNCTIONS, type FunctionName } from '../../functions/index.js';
import { keyCommand, keyCommandName } from '../../model/documents/index.js';
import { functionsOf, METRIC_NAMESPACE, wholeDays } from '../../model/index.js';
import { EnvironmentFunction } from '../constructs/environment-function.js';
import { EventNotice } from '../constructs/event-notice.js';
import {
  type FunctionSurroundings,
  functionArns,
  functionVariables,
} from '../constructs/function-settings.js';
import { pascal } from '../constructs/logical-id.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { FunctionRefs, LogRefs } from '../refs.js';

export interface FailoverStackProps extends EnvironmentStackProps, FunctionSurroundings {
  readonly logs: LogRefs;
}

/**
 * What the environment does by itself: the functions, what starts them, and the events of AWS people must hear of.
 *
 * No alarm starts a failover. The agents take over within seconds on what they see themselves; an alarm is later, knows less
 * and sees both hosts through one service, whose trouble must not move the lease. Alarms page people, who have the document
 * `failover` for the case in which the agents did not.
 */
export class FailoverStack extends EnvironmentStack {
  readonly refs: FunctionRefs;
  readonly #props: FailoverStackProps;

  constructor(scope: Construct, props: FailoverStackProps) {
    super(scope, 'Failover', props, {
      stateful: false,
      description: 'Functions for fencing, address moves, rotation and checks; their schedules and events.',
    });
    this.#props = props;
    const names = functionsOf(this.plan.config, this.plan.hosts.standing) as FunctionName[];
    const made = Object.fromEntries(names.map((name) => [name, this.#function(name)]));
    this.refs = made as unknown as FunctionRefs;

    const { 'rotate-secret': rotate, 'checkpoint-archive': checkpoint, 'check-restore': restore } = made;
    if (rotate) this.#rotate(rotate);
    if (checkpoint) this.#daily('Checkpoint', 'Seals yesterday in the archive.', '20 0', checkpoint);
    if (restore) this.#judgeRestores(restore);
    this.#tellOfHosts();
  }

  #function(name: FunctionName): lambda.Function {
    const { logs: groups, topics, keys } = this.#props;
    const { functions: logGroup } = groups;
    if (!logGroup) throw new Error('the log group functions is planned but no stack made it');
    return new EnvironmentFunction(this, pascal(name), {
      plan: this.plan,
      spec: FUNCTIONS[name],
      arns: functionArns(this, this.#props),
      variables: functionVariables(this, name, this.#props),
      logGroup,
      failures: topics.critical,
      key: keys.data,
    }).function;
  }

  /** Rotation on schedule by Secrets Manager, the daily sweep that ends an overlap, and what both run on hosts. */
  #rotate(rotate: lambda.Function): void {
    const { plan } = this;
    for (const command of ['check-key', 'reload-key'] as const) {
      new ssm.CfnDocument(this, `${pascal(command)}Command`, {
        name: keyCommandName(plan, command),
        documentType: 'Command',
        documentFormat: 'JSON',
        targetType: '/AWS::EC2::Instance',
        updateMethod: 'NewVersion',
        content: keyCommand(command, plan),
      });
    }
    rotate.addPermission('SecretsManager', {
      principal: new iam.ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: this.account,
    });
    for (const [venue, secret] of Object.entries(this.#props.secrets)) {
      const schedule = new secretsmanager.CfnRotationSchedule(this, `${pascal(venue)}Rotation`, {
        secretId: secret.secretArn,
        rotationLambdaArn: rotate.functionArn,
        rotationRules: { scheduleExpression: `rate(${wholeDays(plan.config.secrets.rotateEvery)} days)` },
        // A deployment is no reason for a new key.
        rotateImmediatelyOnUpdate: false,
      });
      schedule.node.addDependency(rotate);
      this.#daily(
        `${pascal(venue)}Sweep`,
        `Completes a rotation of the ${venue} key and ends its overlap.`,
        '10 1',
        rotate,
        { Step: 'sweep', SecretId: secret.secretArn },
      );
    }
  }

  /** `at`: minute and hour, UTC. */
  #daily(
    id: string,
    description: string,
    at: string,
    target: lambda.Function,
    event?: Record<string, string>,
  ) {
    const [minute, hour] = at.split(' ') as [string, string];
    new events.Rule(this, `${id}Daily`, {
      description,
      schedule: events.Schedule.cron({ minute, hour }),
      targets: [lambdaTarget(target, event)],
    });
  }

  /** AWS Backup restores for a test; the function judges, its verdict is counted, and jobs that never got so far are told of. */
  #judgeRestores(restore: lambda.Function): void {
    const { plan } = this;
    const { topics, logs: groups } = this.#props;
    const jobs = { source: ['aws.backup'], detailType: ['Restore Job State Change'] };
    new events.Rule(this, 'RestoreCompleted', {
      description: 'A restore job ended: what it restored is judged.',
      eventPattern: { ...jobs, detail: { status: ['COMPLETED'], restoreTestingPlanArn: [{ exists: true }] } },
      targets: [lambdaTarget(restore)],
    });
    new EventNotice(this, 'RestoreFailed', {
      description: 'A restore job failed, so that nothing could be judged.',
      pattern: {
        source: jobs.source,
        'detail-type': jobs.detailType,
        detail: { status: ['FAILED', 'ABORTED'] },
      },
      topic: topics.warning,
      paths: { job: '$.detail.restoreJobId', type: '$.detail.resourceType', why: '$.detail.statusMessage' },
      text: `${plan.names.prefix}: restore job <job> of <type> failed: <why>. Runbook: ${plan.config.observability.runbooks}/restore-test-failed.md`,
    });
    if (!groups.functions) return;
    new logs.CfnMetricFilter(this, 'RestoreVerdicts', {
      logGroupName: groups.functions.logGroupName,
      filterPattern: '{ ($.function = "check-restore") && ($.status = "FAILED") }',
      metricTransformations: [
        {
          metricNamespace: METRIC_NAMESPACE,
          metricName: 'RestoreTestFailures',
          metricValue: '1',
          unit: 'Count',
          dimensions: [{ key: 'Environment', value: '$.environment' }],
        },
      ],
    });
  }

  /** A host that stops, whoever stopped it, and maintenance AWS has planned for it. */
  #tellOfHosts(): void {
    const { plan } = this;
    const { topics, trading } = this.#props;
    const instances = Object.values(trading.hosts).map(({ instanceId }) => instanceId);
    if (instances.length === 0) return;
    const { runbooks } = plan.config.observability;
    new EventNotice(this, 'HostState', {
      description: 'A trading host stops or is gone.',
      pattern: {
        source: ['aws.ec2'],
        'detail-type': ['EC2 Instance State-change Notification'],
        detail: { state: ['stopping', 'stopped', 'shutting-down', 'terminated'], 'instance-id': instances },
      },
      topic: topics.critical,
      paths: { instance: '$.detail.instance-id', state: '$.detail.state' },
      text: `${plan.names.prefix}: host <instance> is <state>. Runbook: ${runbooks}/host-status.md`,
    });
    new EventNotice(this, 'HostMaintenance', {
      description: 'AWS plans maintenance of a trading host, or finds what it stands on degraded.',
      pattern: {
        source: ['aws.health'],
        'detail-type': ['AWS Health Event'],
        detail: { service: ['EC2'], affectedEntities: { entityValue: instances } },
      },
      topic: topics.warning,
      paths: { what: '$.detail.eventTypeCode', from: '$.detail.startTime' },
      text: `${plan.names.prefix}: AWS announces <what> for a host, from <from>. Hand over first. Runbook: ${runbooks}/host-status.md`,
    });
  }
}

/** What is not delivered within two hours goes to the function's dead letters. */
function lambdaTarget(handler: lambda.Function, event?: Record<string, string>): targets.LambdaFunction {
  return new targets.LambdaFunction(handler, {
    retryAttempts: 3,
    maxEventAge: Duration.hours(2),
    ...(event ? { event: events.RuleTargetInput.fromObject(event) } : {}),
  });
}
