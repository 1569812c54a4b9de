import { Stack } from 'aws-cdk-lib';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { type EngineRelease, RELEASE_PARAMETERS, releasePointer } from '../../delivery/index.js';
import type { EnvironmentPlan } from '../../model/index.js';

export interface ReleasePointerProps {
  readonly plan: EnvironmentPlan;
  readonly release: EngineRelease;
}

/**
 * The uploaded engine release and the parameter that names it. A deployment offers a release; what hosts run is named by
 * another parameter, which an upgrade writes once it was proven: see `infra/delivery`.
 */
export class ReleasePointer extends Construct {
  /** Every release this environment ever had, as a pattern of object ARNs. */
  readonly releaseObjects: string;

  constructor(scope: Construct, id: string, { plan, release }: ReleasePointerProps) {
    super(scope, id);
    const asset = new assets.Asset(this, 'Archive', { path: release.archive, assetHash: release.sha256 });
    new ssm.StringParameter(this, 'Available', {
      parameterName: plan.names.parameter(RELEASE_PARAMETERS.available),
      description: 'The engine release that was deployed last; hosts run it after an upgrade.',
      stringValue: Stack.of(this).toJsonString(
        releasePointer(release, { bucket: asset.s3BucketName, key: asset.s3ObjectKey }),
      ),
    });
    // A host that is replaced must be able to fetch the release it ran, not the newest alone. No other asset has this ending.
    this.releaseObjects = asset.bucket.arnForObjects('*.gz');
  }
}
