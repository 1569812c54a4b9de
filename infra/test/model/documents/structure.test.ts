import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  type AutomationDocument,
  type AutomationStep,
  automationDocument,
  DOCUMENT_GROUPS,
  documentActions,
  keyCommand,
} from '../../../model/documents/index.js';
import { DOCUMENT_ACTIONS, infraPath, repositoryPath } from '../../../model/index.js';
import { TARGETS } from '../../support/document-targets.js';
import { ENVIRONMENTS, shippedPlan } from '../../support/test-app.js';

const all = ENVIRONMENTS.flatMap((environment) => {
  const plan = shippedPlan(environment);
  return documentActions(plan).map((action) => ({
    title: `${action} of ${environment}`,
    document: automationDocument(action, plan, TARGETS),
  }));
});

/** Every way a step can go on; a failure goes elsewhere only where the step says so. */
function ways(step: AutomationStep): { readonly ok: string[]; readonly failed: string[] } {
  const { Choices, Default } = step.inputs as {
    Choices?: { NextStep: string }[];
    Default?: string;
  };
  const ok =
    step.action === 'aws:branch'
      ? [...(Choices ?? []).map(({ NextStep }) => NextStep), Default as string]
      : step.isEnd
        ? []
        : [step.nextStep as string];
  const { onFailure = 'Abort' } = step;
  const failed =
    onFailure === 'Abort' ? [] : onFailure === 'Continue' ? ok : [onFailure.slice('step:'.length)];
  return { ok, failed };
}

function variablesIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/\{\{ ?([^}]*?) ?\}\}/g)].map((match) => match[1] as string);
}

const outputsOf = (step: AutomationStep): string[] => [
  ...(step.outputs ?? []).map(({ Name }) => `${step.name}.${Name}`),
  ...(step.action === 'aws:runCommand' ? [`${step.name}.Output`] : []),
];

/** What is defined for certain when a step begins: over every path, the outputs of steps that succeeded on it. */
function definedBefore({ mainSteps }: AutomationDocument): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>([[mainSteps[0]!.name, new Set()]]);
  const queue = [mainSteps[0]!];
  const byName = new Map(mainSteps.map((step) => [step.name, step]));
  while (queue.length > 0) {
    const step = queue.shift()!;
    const here = known.get(step.name)!;
    const { ok, failed } = ways(step);
    for (const [targets, defined] of [
      [ok, new Set([...here, ...outputsOf(step)])],
      [failed, here],
    ] as const) {
      for (const target of targets) {
        const before = known.get(target);
        const merged = before ? new Set([...before].filter((name) => defined.has(name))) : new Set(defined);
        if (before && merged.size === before.size) continue;
        known.set(target, merged);
        const next = byName.get(target);
        if (next) queue.push(next);
      }
    }
  }
  return known;
}

test('every action is a document of some environment, and has a group', () => {
  const written = new Set(ENVIRONMENTS.flatMap((name) => documentActions(shippedPlan(name))));
  expect([...written].sort()).toEqual([...DOCUMENT_ACTIONS].sort());
  expect(Object.values(DOCUMENT_GROUPS).flat().sort()).toEqual([...DOCUMENT_ACTIONS].sort());
});

test('a pilot light has no documents: they come with its hosts', () => {
  expect(documentActions(shippedPlan('prod-virginia').dr!)).toEqual([]);
});

describe.each(all)('$title', ({ document }) => {
  const { mainSteps, parameters } = document;
  const names = mainSteps.map(({ name }) => name);

  test('goes on to steps that exist, reaches each of them, and ends', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const step of mainSteps) {
      for (const target of [...ways(step).ok, ...ways(step).failed]) expect(names).toContain(target);
      if (step.action !== 'aws:branch') expect(Boolean(step.isEnd) || step.nextStep !== undefined).toBe(true);
    }
    expect([...definedBefore(document).keys()].sort()).toEqual([...names].sort());
    expect(mainSteps.some(({ isEnd }) => isEnd)).toBe(true);
  });

  test('uses only variables that are defined on every way to it', () => {
    const known = definedBefore(document);
    for (const step of mainSteps) {
      for (const variable of variablesIn(step.inputs)) {
        if (variable === 'automation:EXECUTION_ID') continue;
        const defined = variable in parameters || known.get(step.name)!.has(variable);
        expect({ step: step.name, variable, defined }).toEqual({ step: step.name, variable, defined: true });
      }
    }
  });

  test('needs each of its parameters, and lets no shell character through them', () => {
    const used = new Set(mainSteps.flatMap((step) => variablesIn(step.inputs)));
    for (const [name, { allowedPattern, allowedValues, type }] of Object.entries(parameters)) {
      expect(used).toContain(name);
      if (type === 'StringList') continue;
      expect(allowedPattern !== undefined || (allowedValues?.length ?? 0) > 0).toBe(true);
      for (const hostile of [`a' ; reboot; '`, '$(reboot)', '`reboot`', 'a\nreboot', '{{ Reason }}']) {
        const passes = allowedValues
          ? allowedValues.includes(hostile)
          : new RegExp(allowedPattern!).test(hostile);
        expect({ name, hostile, passes }).toEqual({ name, hostile, passes: false });
      }
    }
  });

  test('keeps to the limits of Systems Manager', () => {
    expect(mainSteps.length).toBeLessThanOrEqual(100);
    expect(Buffer.byteLength(JSON.stringify(document))).toBeLessThan(64 * 1_024);
    for (const { name, timeoutSeconds, action } of mainSteps) {
      expect(name).toMatch(/^[A-Za-z0-9_]{3,50}$/);
      if (!['aws:branch', 'aws:sleep'].includes(action)) expect(timeoutSeconds).toBeGreaterThan(0);
    }
  });

  test('names its runbook', () => {
    const page = /Runbook: \S+\/runbooks\/([a-z/-]+)\.md$/.exec(document.description)?.[1];
    expect(() => readFileSync(repositoryPath('runbooks', `${page}.md`))).not.toThrow();
  });
});

/** Each script once, with the variables of Systems Manager filled in. */
const scripts = new Map<string, string>();
for (const { title, document } of all) {
  for (const step of document.mainSteps.filter(({ action }) => action === 'aws:runCommand')) {
    const { commands } = step.inputs.Parameters as { commands: string[] };
    const script = `${commands.join('\n').replaceAll(/\{\{ [\w.]+ \}\}/g, 'text')}\n`;
    if (!scripts.has(script)) scripts.set(script, `${title}, ${step.name}`);
  }
}
for (const command of ['check-key', 'reload-key'] as const) {
  const { runCommand } = keyCommand(command, shippedPlan('prod-tokyo')).mainSteps[0].inputs;
  scripts.set(`${runCommand.join('\n').replaceAll(/\{\{ \w+ \}\}/g, 'text')}\n`, command);
}
const has = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;

describe('shell that documents run', () => {
  test.each([
    ['hands over', 0, 1, 0, ['handover'], 0],
    ['lets go where nobody answers, and comes back', 1, 0, 0, ['handover', 'release', 'hold'], 0],
    [
      'is willing again also when it had lost the lease meanwhile',
      1,
      1,
      0,
      ['handover', 'release', 'hold'],
      1,
    ],
  ])('a host that takes up a key %s', (_, handover, release, hold, calls, exit) => {
    const { runCommand } = keyCommand('reload-key', shippedPlan('prod-tokyo')).mainSteps[0].inputs;
    const script = [
      'set -eu',
      `agent() { echo "$1"; case $1 in handover) return ${handover} ;; release) return ${release} ;; *) return ${hold} ;; esac; }`,
      runCommand.at(-1)!.replaceAll('/usr/bin/node /opt/tradewind/current/agent.mjs', 'agent'),
    ].join('\n');
    const { stdout, status } = spawnSync('sh', ['-s'], { input: script, encoding: 'utf8' });
    expect({ calls: stdout.trim().split('\n'), status }).toEqual({ calls, status: exit });
  });

  test.each([
    ['none is open', ['tradewind_orders_open 0'], 0],
    [
      'one venue of two has one',
      ['tradewind_orders_open{venue="a"} 0', 'tradewind_orders_open{venue="b"} 2'],
      1,
    ],
    ['the engine does not say', ['tradewind_orders_opened_total 0'], 1],
  ])('after a halt, %s', (_, orders, exit) => {
    const { mainSteps } = automationDocument('kill-switch', shippedPlan('prod-tokyo'), TARGETS);
    const { inputs } = mainSteps.find(({ name }) => name === 'NoOpenOrders')!;
    const metrics = ['tradewind_orders_in_flight 0', 'tradewind_trading_state{state="halted"} 1', ...orders];
    const script = [
      'systemctl() { :; }',
      'sleep() { :; }',
      `curl() { printf '%s\\n' ${metrics.map((line) => `'${line}'`).join(' ')}; }`,
      ...(inputs.Parameters as { commands: string[] }).commands,
    ].join('\n');
    const { status } = spawnSync('sh', ['-s'], { input: script, encoding: 'utf8' });
    expect(status).toBe(exit);
  });

  test('is accepted by sh', () => {
    expect(scripts.size).toBeGreaterThan(15);
    for (const [script, where] of scripts) {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
      expect({ where, status, stderr }).toEqual({ where, status: 0, stderr: '' });
    }
  });

  (has('shellcheck') ? test : test.skip)('has no finding of shellcheck', () => {
    for (const [script, where] of scripts) {
      // SC2317: a function may be for a later line that this script has not. SC2194: a filled-in variable is a constant.
      const { stdout } = spawnSync(
        'shellcheck',
        ['-s', 'sh', '-e', 'SC2317,SC2194,SC2195', '-f', 'gcc', '-'],
        {
          input: script,
          encoding: 'utf8',
        },
      );
      expect({ where, findings: stdout }).toEqual({ where, findings: '' });
    }
  });

  test('calls commands of ours that exist', () => {
    const agent = [
      ...readFileSync(infraPath('agent', 'main.ts'), 'utf8').matchAll(/command\(\s*'([a-z]+)'/g),
    ];
    const release = [
      ...readFileSync(infraPath('delivery', 'host', 'tradewind-release.sh'), 'utf8').matchAll(
        /([a-z]+) \d'\)/gm,
      ),
    ];
    const engine = readFileSync(repositoryPath('engine', 'src', 'cli', 'commands', 'switch.ts'), 'utf8');
    const shadow = readFileSync(infraPath('delivery', 'shadow', 'main.ts'), 'utf8');
    const verbs = {
      'agent.mjs': agent.map((match) => match[1]),
      'tradewind-release': release.map((match) => match[1]),
      'tradewind.mjs': [
        ...[...engine.matchAll(/\['([a-z]+)', TradingState/g)].map((match) => match[1]),
        'venue',
        'resume',
      ],
      'shadow.mjs': [...shadow.matchAll(/command\('([a-z]+)'\)/g)].map((match) => match[1]),
    };
    const called = new Set<string>();
    for (const script of scripts.keys()) {
      for (const [, program, verb] of script.matchAll(
        /(agent\.mjs|tradewind-release|tradewind\.mjs|shadow\.mjs) ([a-z]+)/g,
      )) {
        called.add(`${program} ${verb}`);
        expect(verbs[program as keyof typeof verbs]).toContain(verb);
      }
    }
    expect([...called].sort()).toEqual([
      'agent.mjs handover',
      'agent.mjs hold',
      'agent.mjs release',
      'agent.mjs status',
      'shadow.mjs report',
      'tradewind-release activate',
      'tradewind-release fetch',
      'tradewind-release prune',
      'tradewind-release rollback',
      'tradewind-release shadow',
      'tradewind-release status',
      'tradewind.mjs halt',
      'tradewind.mjs resume',
      'tradewind.mjs venue',
    ]);
  });
});
