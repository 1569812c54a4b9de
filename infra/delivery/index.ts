/**
 * delivery: how the engine gets onto hosts and is replaced there. The built workspaces and a plan enter; a release archive,
 * cloud-init text and the steps of an upgrade leave, the same for both back ends. It never talks to AWS.
 */
export { type BuildReleaseOptions, buildEnvironmentRelease, buildRelease } from './engine-release.js';
export {
  type EngineRelease,
  RELEASE_PARAMETERS,
  type ReleaseManifest,
  type ReleasePointer,
  releasePointer,
} from './release.js';
export { renderUserData, type UserDataRefs } from './user-data.js';
