import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { createProgram } from '../../../../engine/src/cli/program.js';
import { automationDocument, documentActions } from '../../../model/documents/index.js';
import { type DocumentAction, infraPath, repositoryPath } from '../../../model/index.js';
import { TARGETS } from '../../support/document-targets.js';
import { ENVIRONMENTS, shippedPlan } from '../../support/test-app.js';

const ROOT = repositoryPath('runbooks');
const plans = ENVIRONMENTS.map(shippedPlan);
const alarms = new Map(plans.flatMap((plan) => plan.alarms.map((alarm) => [alarm.id, alarm] as const)));
const pages = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const alarmPages = pages.filter((file) => !file.includes('/') && file !== 'README.md');

const SECTIONS = [
  'First five minutes',
  'What it means',
  'Impact',
  'Diagnose',
  'Act',
  'Verify',
  'Roll back',
  'Escalate',
  'After',
];

test('there is one page per alarm and none without', () => {
  expect(alarmPages.map((file) => file.replace('.md', '')).sort()).toEqual([...alarms.keys()].sort());
});

test('the index lists every page', () => {
  const index = readFileSync(join(ROOT, 'README.md'), 'utf8');
  for (const file of pages) if (file !== 'README.md') expect(index).toContain(`(${file})`);
});

describe.each(alarmPages)('%s', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');

  test('says in its front matter what the alarm says', () => {
    const front = parse(/^---\n([\s\S]*?)\n---\n/.exec(text)![1]!);
    const alarm = alarms.get(file.replace('.md', ''))!;
    expect(front).toMatchObject({ alert: alarm.id, severity: alarm.severity });
    expect(front.owner.length).toBeGreaterThan(3);
    expect(front.expectedTimeToClear.length).toBeGreaterThan(3);
  });

  test('has every section, in order, and something in each', () => {
    expect([...text.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual(SECTIONS);
    for (const body of text.split(/^## .*$/m).slice(1)) expect(body.trim().length).toBeGreaterThan(20);
  });
});

describe.each(pages)('commands and links of %s', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');

  test('links lead somewhere', () => {
    for (const [, target] of text.matchAll(/\]\(([^)]+\.md)\)/g)) {
      expect(() => readFileSync(join(ROOT, dirname(file), target!))).not.toThrow();
    }
  });

  test('start documents that exist, with parameters they accept', () => {
    const started = [
      ...text.matchAll(/--document-name Tradewind-<env>-([a-z-]+) \\\n\s+--parameters '(.*)'/g),
    ];
    expect(started).toHaveLength([...text.matchAll(/--document-name/g)].length);
    for (const [, action, json] of started) {
      const plan = plans.find((one) => documentActions(one).includes(action as DocumentAction));
      expect({ action, known: plan !== undefined }).toEqual({ action, known: true });
      const { parameters } = automationDocument(action as DocumentAction, plan!, TARGETS);
      const given = JSON.parse(json!) as Record<string, string[]>;
      for (const [name, [value]] of Object.entries(given)) {
        const parameter = parameters[name];
        expect({ action, name, known: parameter !== undefined }).toEqual({ action, name, known: true });
        if (/<.*>/.test(value!)) continue;
        const fits = parameter!.allowedValues
          ? parameter!.allowedValues.includes(value!)
          : new RegExp(parameter!.allowedPattern ?? '').test(value!);
        expect({ action, name, value, fits }).toEqual({ action, name, value, fits: true });
      }
      for (const [name, { default: fallback }] of Object.entries(parameters)) {
        if (fallback === undefined) expect(given).toHaveProperty(name);
      }
    }
  });

  test('call programs of ours by commands they have', () => {
    const agent = readFileSync(infraPath('agent', 'main.ts'), 'utf8');
    const release = readFileSync(infraPath('delivery', 'host', 'tradewind-release.sh'), 'utf8');
    const engine = createProgram().commands;
    for (const [, verb] of text.matchAll(/agent\.mjs ([a-z]+)/g)) {
      expect(agent).toMatch(new RegExp(`command\\(\\s*'${verb}'`));
    }
    for (const [, verb] of text.matchAll(/tradewind-release ([a-z]+)/g))
      expect(release).toContain(`'${verb} `);
    for (const [, verb, sub] of text.matchAll(
      /(?:tradewind\.mjs|npm run tradewind --) ([a-z]+)(?: ([a-z]+))?/g,
    )) {
      const command = engine.find((one) => one.name() === verb);
      expect({ verb, known: command !== undefined }).toEqual({ verb, known: true });
      if (command!.commands.length > 0) expect(command!.commands.map((one) => one.name())).toContain(sub);
    }
  });
});

test('every document that people start is on some page', () => {
  const text = pages.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  for (const action of new Set(plans.flatMap(documentActions)))
    expect(text).toContain(`Tradewind-<env>-${action}`);
});
