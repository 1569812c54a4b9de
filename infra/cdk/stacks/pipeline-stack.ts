import { Stage } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import {
  CodePipeline,
  CodePipelineSource,
  type IFileSetProducer,
  ManualApprovalStep,
  type Step,
} from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { EngineRelease } from '../../delivery/index.js';
import { buildEnvironment } from '../build-environment.js';
import { acknowledgePipeline } from '../constructs/pipeline-reasons.js';
import { benchmarkStep, cliVersion, synthStep } from '../constructs/pipeline-steps.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';

export interface PipelineStackProps extends EnvironmentStackProps {
  readonly release: EngineRelease;
  /** The environment file, a path from the root of the repository. */
  readonly environmentFile: string;
}

/**
 * Deploys the environment from its repository: checks and tests, the benchmark gate, a person's approval, then the stacks of
 * the environment. It changes itself first, which is why it is an app of its own. A deployment offers a release; hosts take
 * it up by the upgrade documents, never by the pipeline.
 */
export class PipelineStack extends EnvironmentStack {
  constructor(scope: Construct, props: PipelineStackProps) {
    super(scope, 'Pipeline', props, {
      stateful: false,
      description: 'Pipeline that deploys the environment',
    });
    const { plan, release, environmentFile } = props;
    const { pipeline: wanted, name } = plan.config;
    if (!wanted) throw new Error(`${name}: has no pipeline; add the section pipeline to its file`);
    // The optional members of its class are not typed for exactOptionalPropertyTypes; so are those of steps.
    const source = CodePipelineSource.connection(wanted.repository, wanted.branch, {
      connectionArn: wanted.connectionArn,
    }) as IFileSetProducer;
    const pipeline = new CodePipeline(this, 'Pipeline', {
      pipelineName: plan.names.prefix,
      pipelineType: codepipeline.PipelineType.V2,
      crossAccountKeys: true,
      enableKeyRotation: true,
      cliVersion: cliVersion(),
      synth: synthStep(source, environmentFile) as IFileSetProducer,
      codeBuildDefaults: { buildEnvironment: { buildImage: codebuild.LinuxBuildImage.STANDARD_7_0 } },
    });
    const stage = new Stage(this, 'Environment', {
      env: { account: plan.config.account, region: plan.config.region },
    });
    buildEnvironment(stage, plan, release);
    const gate = benchmarkStep(source);
    pipeline.addStage(stage, { pre: wanted.approval ? [gate, approvalAfter(gate, name)] : [gate] });
    // Its resources are there only now.
    pipeline.buildPipeline();
    acknowledgePipeline(pipeline);
  }
}

function approvalAfter(gate: Step, name: string): ManualApprovalStep {
  const approval = new ManualApprovalStep('Approve', {
    comment: `Deploys ${name}. Hosts keep their release until an upgrade document is started.`,
  });
  approval.addStepDependency(gate);
  return approval;
}
