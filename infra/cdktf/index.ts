/**
 * cdktf: an environment as Terraform JSON. A plan and an engine release enter; one root module per Region leaves, with the
 * same names, addresses, retention and alarms as the CDK form. It decides nothing a plan does not say, runs no Terraform
 * and talks to nobody.
 */
export { synthesizeTerraform } from './synthesize.js';
