import type { EnvironmentName } from '../../support/test-app.js';

/** A mistake somebody could make in a file that ships, and what must be said about it. */
export interface Mutation {
  readonly mistake: string;
  readonly base: EnvironmentName;
  /** Settings by path, as in `hosts.instanceType` or `venues[0].id`; `undefined` removes one. */
  readonly patch: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

/** A mistake as a line of a table. */
export type Row = readonly [
  mistake: string,
  base: EnvironmentName,
  patch: Mutation['patch'],
  path: string,
  message: string,
  fix: string,
];
