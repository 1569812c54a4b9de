/** Bundles change with every edit and every version of the bundler; what is deployed around them does not. */
const ASSET_HASH = /\b[0-9a-f]{64}\b/g;
/** How a pipeline names an asset: account, Region and a digest of where it goes, which follows from the hash. */
const ASSET_ACTION = /(ASSET:[\w-]+)-[0-9a-f]{8}\b/g;

/** A template as it is compared with its snapshot: no asset hashes, no versions that come from the toolkit. */
export function comparable(template: unknown): unknown {
  const {
    Parameters: _,
    Rules: __,
    ...rest
  } = JSON.parse(JSON.stringify(template).replace(ASSET_HASH, 'ASSET').replace(ASSET_ACTION, '$1')) as Record<
    string,
    unknown
  >;
  return rest;
}
