import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetType, Fn, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { infraPath } from '../../model/index.js';

/** What stands for the reference in the file. */
const PLACE = '@@journal-volume@@';

/**
 * Cloud-init as a launch template takes it, base64. It lies beside the module as a file a person can read, with one place
 * left for the reference: written into the module, its shell variables would be taken for Terraform's.
 */
export class UserData extends Construct {
  readonly base64: string;

  /** `name` tells the hosts of all environments apart. */
  constructor(
    scope: Construct,
    id: string,
    name: string,
    render: (journalVolumeId: string) => string,
    journalVolumeId: string,
  ) {
    super(scope, id);
    const folder = infraPath('dist', 'user-data');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, render(PLACE));
    const file = new TerraformAsset(this, 'file', { path, type: AssetType.FILE });
    this.base64 = Fn.base64encode(Fn.replace(Fn.file(file.path), PLACE, journalVolumeId));
  }
}
