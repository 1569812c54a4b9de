import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { FailoverStack } from '../../cdk/stacks/failover-stack.js';
import { OperationsStack } from '../../cdk/stacks/operations-stack.js';
import { documentActions } from '../../model/documents/index.js';
import type { EnvironmentPlan } from '../../model/index.js';
import { operationsRefs } from '../support/operations-refs.js';
import { comparable } from '../support/stack-snapshot.js';
import { ENVIRONMENTS, type EnvironmentName, shippedPlan, testApp } from '../support/test-app.js';

function synthesize(plan: EnvironmentPlan): Template {
  const app = testApp();
  const refs = operationsRefs(new Stack(app, 'Elsewhere'), plan);
  const functions = new FailoverStack(app, { plan, ...refs }).refs;
  return Template.fromStack(new OperationsStack(app, { plan, ...refs, functions }));
}

const templates = new Map(ENVIRONMENTS.map((name) => [name, synthesize(shippedPlan(name))]));
const of = (name: EnvironmentName) => templates.get(name) as Template;

describe.each(ENVIRONMENTS)('operations of %s', (name) => {
  const plan = shippedPlan(name);

  test('are as recorded', () => {
    expect(comparable(of(name).toJSON())).toMatchSnapshot();
  });

  test('are a document per action, updated without losing the version that runs', () => {
    const documents = Object.values(of(name).findResources('AWS::SSM::Document')).map(
      ({ Properties }) => Properties,
    );
    const automations = documents.filter(({ DocumentType }) => DocumentType === 'Automation');
    expect(automations.map(({ Name }) => Name).sort()).toEqual(
      documentActions(plan)
        .map((action) => plan.names.document(action))
        .sort(),
    );
    for (const { UpdateMethod } of documents) expect(UpdateMethod).toBe('NewVersion');
  });

  test('run under roles that Automation of this account alone takes on, and that pass on only the one of the fence', () => {
    for (const { Properties } of Object.values(of(name).findResources('AWS::IAM::Role'))) {
      expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Principal: { Service: 'ssm.amazonaws.com' },
          Condition: expect.objectContaining({ StringEquals: { 'aws:SourceAccount': plan.config.account } }),
        }),
      ]);
    }
    for (const { Properties } of Object.values(of(name).findResources('AWS::IAM::ManagedPolicy'))) {
      for (const { Action, Resource } of Properties.PolicyDocument.Statement) {
        if (![Action].flat().includes('iam:PassRole')) continue;
        expect(JSON.stringify(Resource)).toContain(`role/${plan.names.role('automation')}"`);
      }
    }
  });
});

test('commands may be sent to the hosts of the environment alone', () => {
  of('prod-tokyo').hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 'ssm:SendCommand',
          Resource: [
            'arn:aws:ec2:ap-northeast-1:111122223333:instance/i-0aaaaaaaaaaaaaaa1',
            'arn:aws:ec2:ap-northeast-1:111122223333:instance/i-0bbbbbbbbbbbbbbb2',
            'arn:aws:ssm:ap-northeast-1::document/AWS-RunShellScript',
          ],
        }),
      ]),
    },
  });
});

test('the calendar is open but for the trading hours of the file', () => {
  const [calendar] = Object.values(
    of('prod-virginia').findResources('AWS::SSM::Document', {
      Properties: { DocumentType: 'ChangeCalendar' },
    }),
  );
  const lines = (calendar!.Properties.Content as string).split('\r\n');
  expect(lines).toEqual([
    'BEGIN:VCALENDAR',
    'PRODID:-//AWS//Change Calendar 1.0//EN',
    'VERSION:2.0',
    'X-CALENDAR-TYPE:DEFAULT_OPEN',
    'X-WR-CALDESC:Trading hours of prod-virginia: no upgrade starts in them',
    'BEGIN:VEVENT',
    'DTSTAMP:20270104T130000Z',
    'UID:prod-virginia-1@tradewind',
    'SUMMARY:First session after the holidays',
    'DTSTART:20270104T130000Z',
    'DTEND:20270104T210000Z',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]);
});

test('a pilot light has the calendar alone', () => {
  const template = synthesize(shippedPlan('prod-virginia').dr!);
  template.resourceCountIs('AWS::SSM::Document', 1);
  template.resourceCountIs('AWS::IAM::Role', 0);
});
