import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { commandLines, fencedBlocks, mentions } from '../docs-mentions.mjs';
import { docsProblems, ENVIRONMENTS, linkProblems, root, STACKS } from './support/docs-problems.mjs';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/deployment.md',
  'docs/teardown.md',
  'docs/troubleshooting.md',
  'docs/journal.md',
  'docs/high-availability.md',
  'infra/README.md',
];
const read = (page) => readFileSync(join(root, page), 'utf8');

/** Pages below a folder, as paths of the repository. */
function pagesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.md') && !/(^|\/)(node_modules|dist|out|cdk\.out)\//.test(name));
}

const LINKED = [...PAGES, ...['docs', 'runbooks', 'infra', 'benchmarks', 'engine'].flatMap(pagesBelow)];

const answers = (program, args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const withShellcheck = answers('shellcheck', ['--version']) ? it : it.skip;
const withBotocore = answers('python3', ['-c', 'import botocore']) ? it : it.skip;

describe('what the pages mention', () => {
  it.each(PAGES)(
    'exists: %s',
    (page) => {
      expect(docsProblems(page, read(page))).toEqual([]);
    },
    120_000,
  );

  it.each([...new Set(LINKED)])('is where it links to: %s', (page) => {
    expect(linkProblems(page, read(page))).toEqual([]);
  });

  it('leaves out no stack in the table of the deployment', () => {
    const named = mentions(read('docs/deployment.md'), ENVIRONMENTS).named.map(({ what }) => what);
    expect(STACKS.filter((part) => !named.includes(part))).toEqual([]);
    expect(STACKS.length).toBeGreaterThan(10);
  });

  withShellcheck(
    'is clean shell (shellcheck)',
    () => {
      for (const page of PAGES) {
        for (const { text, line } of fencedBlocks(read(page), ['sh', 'bash'])) {
          // Blocks share variables, are pasted with words in < >, and a person sees where a `cd` failed.
          const { stdout } = spawnSync(
            'shellcheck',
            ['-s', 'bash', '-f', 'gcc', '-e', 'SC2034,SC2154,SC2164', '-'],
            {
              input: text,
              encoding: 'utf8',
            },
          );
          expect(`${page}:${line}\n${stdout}`).toBe(`${page}:${line}\n`);
        }
      }
    },
    120_000,
  );

  withBotocore(
    'calls only what the AWS command line has (python3 with botocore)',
    () => {
      const calls = PAGES.flatMap((page) => mentions(read(page), ENVIRONMENTS).aws);
      expect(calls.length).toBeGreaterThan(40);
      expect(awsProblems(calls)).toEqual([]);
      expect(
        awsProblems([
          { service: 'ssm', operation: 'start-automation', options: [] },
          { service: 'ec2', operation: 'release-address', options: ['allocation-ids'] },
          { service: 's4', operation: 'ls', options: [] },
        ]),
      ).toEqual([
        'aws ssm start-automation does not exist',
        'aws ec2 release-address has no option --allocation-ids',
        'aws s4 does not exist',
      ]);
    },
    120_000,
  );
});

describe('a mention of something that is not there', () => {
  const page = 'docs/deployment.md';
  const mutations = [
    ['npm run synth', 'npm run synthesize', 'npm run synthesize does not exist'],
    ['--strict ', '--strictly ', 'npm run synth has no option --strictly'],
    ['npm run cdk -- deploy', 'npm run cdk -- deplouy', 'cdk deplouy does not exist'],
    ['--require-approval', '--require-approvals', 'cdk deploy has no option --require-approvals'],
    ['host verify', 'host verfy', 'tradewind host verfy does not exist'],
    ['agent.mjs status', 'agent.mjs state', 'agent state does not exist'],
    ['agent.mjs hold --off', 'agent.mjs hold --end', 'agent hold has no option --end'],
    ['tradewind-release status', 'tradewind-release state', 'tradewind-release state does not exist'],
    [
      'Tradewind-paper-tokyo-Keys',
      'Tradewind-paper-tokyo-Kees',
      'stack or document Tradewind-paper-tokyo-Kees',
    ],
    ['$ENVIRONMENT-handover', '$ENVIRONMENT-hand-over', 'stack or document Tradewind-$ENVIRONMENT-hand-over'],
    ['$ENVIRONMENT-State', '$ENVIRONMENT-Status', 'stack or document Tradewind-$ENVIRONMENT-Status'],
    ['tradewind-clock ', 'tradewind-clocks ', 'unit tradewind-clocks does not exist'],
    ['EngineReady', 'EngineIsReady', 'metric EngineIsReady does not exist'],
    ['`hosts.retired`', '`hosts.retire`', 'setting hosts.retire does not exist'],
    ['`dr.mode: warm`', '`dr.mode: lukewarm`', 'setting dr.mode can not be lukewarm'],
    [
      'infra/environments/paper-tokyo',
      'infra/environments/paper-osaka',
      'path infra/environments/paper-osaka',
    ],
    ['; do\n', '; dooo\n', 'syntax error'],
  ];

  it.each(mutations)(
    'is found: %j as %j',
    (from, to, problem) => {
      const text = read(page);
      expect(text).toContain(from);
      expect(docsProblems(page, text.replace(from, to)).join('\n')).toContain(problem);
    },
    120_000,
  );

  it('is found in links, by file and by heading', () => {
    expect(linkProblems(page, '[a](nowhere.md) [b](teardown.md#nothing) [c](#none)\n# One')).toEqual([
      'docs/deployment.md: link nowhere.md: no such file',
      'docs/deployment.md: link teardown.md#nothing: no such heading',
      'docs/deployment.md: link #none: no such heading',
    ]);
    expect(
      linkProblems(page, '[a](teardown.md) [c](#1-one) `[d](x.md)` [e](https://x.y)\n## 1. One'),
    ).toEqual([]);
  });

  it('reads continued lines as one command, without comments', () => {
    expect(commandLines('a \\\n  --b  # why\n\n# c\nd')).toEqual(['a  --b', 'd']);
  });
});

/** Asks the models the AWS command line is made from; nothing is called. */
function awsProblems(calls) {
  const script = `
import json, sys
import botocore.session
from botocore import xform_name
session = botocore.session.get_session()
everywhere = {'query', 'output', 'region', 'profile', 'max-items', 'cli-input-json'}
for call in json.load(sys.stdin):
    service, operation = call['service'], call['operation']
    try:
        model = session.get_service_model({'s3api': 's3'}.get(service, service))
    except Exception:
        print(f'aws {service} does not exist')
        continue
    by_name = {xform_name(name, '-'): name for name in model.operation_names}
    if operation not in by_name:
        print(f'aws {service} {operation} does not exist')
        continue
    shape = model.operation_model(by_name[operation]).input_shape
    known = {xform_name(name, '-') for name in (shape.members if shape else {})} | everywhere
    aliases = {'instance-id', 'instance-ids', 'no-disable-api-termination', 'latest', 'filters'}
    for option in call['options']:
        plain = option[3:] if option.startswith('no-') else option
        if option not in known and plain not in known and not (service == 'ec2' and option in aliases):
            print(f'aws {service} {operation} has no option --{option}')
`;
  const { stdout, stderr, status } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(calls),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}
