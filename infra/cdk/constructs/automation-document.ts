import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { AutomationDocument as Content } from '../../model/documents/index.js';

export interface AutomationDocumentProps {
  readonly name: string;
  readonly content: Content;
}

/** One SSM Automation document under its fixed name. An update makes a new version, so that an execution under way keeps its own. */
export class AutomationDocument extends Construct {
  constructor(scope: Construct, id: string, { name, content }: AutomationDocumentProps) {
    super(scope, id);
    new ssm.CfnDocument(this, 'Resource', {
      name,
      documentType: 'Automation',
      documentFormat: 'JSON',
      updateMethod: 'NewVersion',
      content,
    });
  }
}
