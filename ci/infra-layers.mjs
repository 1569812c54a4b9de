/** Folders of `infra/`: what an environment is comes first, what a person types last. Imports point up this list. */
export const INFRA_LAYERS = [
  'shared',
  'model',
  'agent',
  'functions',
  'delivery',
  'pictures',
  'cdk',
  'cdktf',
  'cli',
];
