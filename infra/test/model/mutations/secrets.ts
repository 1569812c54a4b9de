import type { Row } from './row.js';

const KEY = 'Zm9vYmFyQmF6MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6QUJD';

/** Secrets in clear text. */
export const secrets: readonly Row[] = [
  [
    'an API key where its name belongs',
    'prod-tokyo',
    { 'venues[0].secret': KEY },
    'venues[0].secret',
    'holds an API key or secret in clear text',
    'AWS Secrets Manager',
  ],
  [
    'a setting named apiKey',
    'prod-tokyo',
    { 'venues[0].apiKey': 'abc' },
    'venues[0].apiKey',
    'holds a secret in clear text',
    'AWS Secrets Manager',
  ],
  [
    'a password of the database',
    'prod-tokyo',
    { 'data.postgres.password': 'hunter2' },
    'data.postgres.password',
    'holds a secret in clear text',
    'AWS Secrets Manager',
  ],
  [
    'an AWS access key id as a tag',
    'prod-tokyo',
    { costCenter: `AKIA${'ABCDEFGHIJKLMNOP'}` },
    'costCenter',
    'holds an AWS access key id in clear text',
    'exchange it for a new one',
  ],
  [
    'a private key',
    'prod-tokyo',
    { desk: '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\n' },
    'desk',
    'holds a PEM block in clear text',
    'AWS Secrets Manager',
  ],
  [
    'a hexadecimal key',
    'prod-tokyo',
    { owner: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' },
    'owner',
    'holds a hexadecimal key in clear text',
    'AWS Secrets Manager',
  ],
  [
    'a password in a URL',
    'prod-tokyo',
    { 'observability.runbooks': 'https://reader:hunter2@wiki.example.com/runbooks' },
    'observability.runbooks',
    'holds a password in clear text',
    'AWS Secrets Manager',
  ],
];
