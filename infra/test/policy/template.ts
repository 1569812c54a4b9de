/** A resource of a template, open to mistakes. */
export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  [attribute: string]: unknown;
}

export interface Template {
  Description?: string;
  Parameters?: Record<string, Record<string, unknown>>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, Record<string, unknown>>;
}

export const ref = (logicalId: string) => ({ Ref: logicalId });
export const arn = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });
export const RETAIN = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
