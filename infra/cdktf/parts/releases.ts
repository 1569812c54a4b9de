import { resolve } from 'node:path';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { type EngineRelease, RELEASE_PARAMETERS, releasePointer } from '../../delivery/index.js';
import type { EnvironmentPlan } from '../../model/index.js';
import { BucketObject } from '../resources/archive.js';
import { SsmParameter } from '../resources/state.js';
import { PrivateBucket } from './bucket.js';

/** The bucket of engine releases, the release that is offered, and the parameter that names it. */
export class Releases extends Construct {
  /** Every release this environment ever had, as a pattern of object ARNs: a host may need the one it ran. */
  readonly objects: string;

  constructor(scope: Construct, plan: EnvironmentPlan, release: EngineRelease) {
    super(scope, 'releases');
    const { names, config } = plan;
    const { arn, bucketName: bucket } = new PrivateBucket(this, 'store', {
      name: names.bucket('releases', config.region),
    });
    const file = new TerraformAsset(this, 'file', {
      path: resolve(release.archive),
      type: AssetType.FILE,
      assetHash: release.sha256.slice(0, 32),
    });
    const key = `${release.sha256}.tar.gz`;
    new BucketObject(this, 'release', {
      bucket,
      key,
      source: file.path,
      sourceHash: release.sha256,
    });
    new SsmParameter(this, 'available', {
      name: names.parameter(RELEASE_PARAMETERS.available),
      description: 'The engine release that was deployed last; hosts run it after an upgrade.',
      type: 'String',
      tier: 'Intelligent-Tiering',
      value: JSON.stringify(releasePointer(release, { bucket, key })),
    });
    this.objects = `${arn}/*.gz`;
  }
}
