import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { calendarName, changeCalendar } from '../../model/documents/index.js';
import type { EnvironmentPlan } from '../../model/index.js';

/** The hours in which no upgrade may start. Open at all other times; a person may close it for longer in the console. */
export class ChangeCalendar extends Construct {
  constructor(scope: Construct, id: string, { plan }: { readonly plan: EnvironmentPlan }) {
    super(scope, id);
    const calendar = new ssm.CfnDocument(this, 'Resource', {
      name: calendarName({ plan }),
      documentType: 'ChangeCalendar',
      documentFormat: 'TEXT',
      updateMethod: 'NewVersion',
      content: {},
    });
    // CloudFormation takes text here, its schema and so the class know objects alone.
    calendar.addPropertyOverride('Content', changeCalendar(plan.config));
    // It reads every document as one of commands or steps, and a calendar is neither.
    calendar.addMetadata('cfn-lint', { config: { ignore_checks: ['E3051'] } });
  }
}
