import { Stack, Validations } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { CodePipeline } from 'aws-cdk-lib/pipelines';
import type { IConstruct } from 'constructs';

type Reason = { readonly id: string; readonly reason: string };

const READ = ['s3:GetBucket*', 's3:GetObject*', 's3:List*'];
const WRITE = ['s3:Abort*', 's3:DeleteObject*'];
const ENCRYPT = ['kms:GenerateDataKey*', 'kms:ReEncrypt*'];

/** What each role of the toolkit may by wildcard, by the end of its path. */
const ROLES: Readonly<Record<string, readonly ('write' | 'encrypt' | 'project' | 'everything')[]>> = {
  '/Pipeline/Pipeline/Role': ['write', 'encrypt'],
  '/CodePipelineActionRole': ['write', 'encrypt'],
  '/Synth/CdkBuildProject/Role': ['write', 'encrypt', 'project'],
  '/BenchmarkGate/BenchmarkGate/Role': ['encrypt', 'project'],
  '/SelfMutation/Role': ['encrypt', 'project', 'everything'],
  '/Assets/FileRole': ['everything'],
};

/**
 * Why what CDK Pipelines makes is as it is. It is the toolkit's and takes no settings for these; everything here is about
 * artifacts of a run, which are built again from the commit, and about the build machines of this one pipeline.
 */
export function acknowledgePipeline(pipeline: CodePipeline): void {
  const home = Stack.of(pipeline);
  const supports = Object.values(pipeline.pipeline.crossRegionSupport).map(({ stack }) => stack);
  const artifacts = [pipeline.pipeline.node, ...supports.map(({ node }) => node)].flatMap((node) =>
    node.findAll(),
  );
  for (const node of artifacts) {
    if (node instanceof s3.CfnBucket) acknowledge(node, ofBucket());
    if (node instanceof kms.CfnKey) acknowledge(node, kept());
    if (node instanceof kms.CfnAlias) acknowledge(node, [named()]);
  }
  for (const node of pipeline.node.findAll()) {
    if (node instanceof codebuild.CfnProject) acknowledge(node, [sourced()]);
    if (node instanceof iam.CfnPolicy) acknowledge(node, ofPolicy(node, home, pipeline));
  }
}

function acknowledge(node: IConstruct, reasons: readonly Reason[]): void {
  Validations.of(node).acknowledge(...reasons);
}

function kept(): Reason[] {
  const reason =
    'It holds or encrypts what passes from one stage of a run to the next, which is built again from the commit; a pipeline is deleted with all of it.';
  return ['CloudFormation-Validate::TW-KEEP-01', 'Tradewind::TW-STACK-01'].map((id) => ({ id, reason }));
}

function ofBucket(): Reason[] {
  const reason =
    'Artifacts of a run are read by the pipeline alone, are never changed and are built again from the commit: nothing is lost with them, and CloudTrail has who asked for the key.';
  const rules = ['S3BucketLoggingEnabled', 'S3BucketReplicationEnabled', 'S3BucketVersioningEnabled'];
  return [
    // A bucket is kept by the toolkit's own default.
    { id: 'Tradewind::TW-STACK-01', reason: kept()[0]!.reason },
    { id: 'AwsSolutions-S1', reason },
    ...rules.flatMap((rule) => [
      { id: `NIST.800.53.R5-${rule}`, reason },
      { id: `PCI.DSS.321-${rule}`, reason },
    ]),
  ];
}

function named(): Reason {
  return {
    id: 'CloudFormation-Validate::TW-NAME-02',
    reason:
      'The toolkit names the alias after the pipeline and takes no other name; no role or policy of the environment refers to it.',
  };
}

function sourced(): Reason {
  return {
    id: 'PCI.DSS.321-CodeBuildProjectSourceRepoUrl',
    reason:
      'The project is handed its source by the pipeline, which reads the repository through a connection; it has no address of a repository and no credentials for one.',
  };
}

function ofPolicy(node: iam.CfnPolicy, home: Stack, pipeline: CodePipeline): Reason[] {
  const inline =
    'The toolkit gives each role of a pipeline its rights in a policy of its own; they end with the role.';
  const reasons: Reason[] = [
    { id: 'NIST.800.53.R5-IAMNoInlinePolicy', reason: inline },
    { id: 'PCI.DSS.321-IAMNoInlinePolicy', reason: inline },
  ];
  const [suffix, kinds] = Object.entries(ROLES).find(([end]) => node.node.path.includes(`${end}/`)) ?? [];
  if (kinds === undefined) return reasons;
  const iam5 = (ids: readonly string[], reason: string) =>
    reasons.push(...ids.map((id) => ({ id: `AwsSolutions-IAM5[${id}]`, reason })));
  const actions = (names: readonly string[]) => names.map((name) => `Action::${name}`);
  const arn = (service: string, resource: string) =>
    `Resource::arn:${home.partition}:${service}:${home.region}:${home.account}:${resource}`;
  const logicalId = (construct: IConstruct) => home.getLogicalId(construct.node.defaultChild as never);

  const objects =
    'The role reaches the artifacts of this pipeline; the toolkit abbreviates the actions, and an artifact has no name before its run.';
  iam5([...actions(READ), `Resource::<${logicalId(pipeline.pipeline.artifactBucket)}.Arn>/*`], objects);
  if (kinds.includes('write')) iam5(actions(WRITE), objects);
  if (kinds.includes('encrypt'))
    iam5(actions(ENCRYPT), 'The toolkit abbreviates the actions; the key is that of the artifacts.');
  if (kinds.includes('project')) {
    const project = logicalId((node.node.scope as IConstruct).node.scope!.node.scope!);
    iam5(
      [
        arn('logs', `log-group:/aws/codebuild/<${project}>:*`),
        arn('codebuild', `report-group/<${project}>-*`),
      ],
      'CodeBuild names the streams and reports of this project at random under its own name.',
    );
  }
  if (suffix === '/SelfMutation/Role') {
    iam5(
      [`Resource::arn:*:iam::${home.account}:role/*`],
      'The condition allows only roles with the tag the bootstrap of the toolkit puts on its own; their names carry a qualifier of the account.',
    );
  }
  if (suffix === '/Assets/FileRole') {
    iam5(
      [arn('logs', 'log-group:/aws/codebuild/*'), arn('codebuild', 'report-group/*')],
      'All projects that publish files share the role, and CodeBuild names each after a resource that does not exist yet.',
    );
  }
  const abroad =
    suffix === '/Pipeline/Pipeline/Role' && Object.keys(pipeline.pipeline.crossRegionSupport).length > 0;
  if (abroad) {
    for (const { replicationBucket } of Object.values(pipeline.pipeline.crossRegionSupport)) {
      // Its name is decided while the template is written.
      const bucket = home.resolve(replicationBucket.bucketName);
      iam5([`Resource::arn:${home.partition}:s3:::${bucket}/*`], objects);
    }
  }
  if (abroad || kinds.includes('everything')) {
    const reason = abroad
      ? 'The key of the artifacts in the second Region stands in a stack of its own, whose id the toolkit does not hand over; the key policy there names this role.'
      : 'The toolkit starts and watches builds, and asks for the state of stacks, whose names it does not know when it makes the role.';
    iam5(['Resource::*'], reason);
    reasons.push({ id: 'CloudFormation-Validate::TW-IAM-02', reason });
  }
  return reasons;
}
