import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SAFETY_RULES } from '../../cdk/constructs/prometheus-rules.js';
import { HOST, put, run, temporaryFolder, testWith } from './support/tools.js';

const AGENT = 'opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d/tradewind-prometheus.json';
const PARAMETER = '/tradewind/lab/prometheus/workspace';

describe('find-prometheus.sh (bash)', () => {
  const testFind = testWith('bash');
  let root: string;
  const find = () =>
    run(join(HOST, 'bin/find-prometheus.sh'), [], {
      TRADEWIND_ROOT: root,
      PATH: `${join(root, 'bin')}:${process.env.PATH}`,
    });
  const answer = (text: string) =>
    put(root, 'bin/aws', `#!/bin/sh\n[ "$6" = ${PARAMETER} ] && echo '${text}'\n`, 0o755);
  const restarts = () =>
    existsSync(join(root, 'restarts'))
      ? readFileSync(join(root, 'restarts'), 'utf8').split('\n').length - 1
      : 0;

  beforeEach(() => {
    root = temporaryFolder();
    put(
      root,
      'etc/tradewind/host.env',
      `TRADEWIND_ENVIRONMENT=lab\nTRADEWIND_HOST=standby\nAWS_REGION=eu-west-1\nTRADEWIND_PROMETHEUS_PARAMETER=${PARAMETER}\n`,
    );
    mkdirSync(join(root, 'opt/aws/amazon-cloudwatch-agent/etc'), { recursive: true });
    put(root, 'bin/systemctl', `#!/bin/sh\necho "$*" >>${root}/restarts\n`, 0o755);
  });

  testFind('has the agent scrape this host alone and send to the workspace, and restarts it once', () => {
    answer('ws-01234567-89ab-cdef-0123-456789abcdef');
    expect(find()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/metrics of standby go to ws-0123/),
    });
    expect(JSON.parse(readFileSync(join(root, AGENT), 'utf8'))).toEqual({
      metrics: {
        metrics_destinations: { amp: { workspace_id: 'ws-01234567-89ab-cdef-0123-456789abcdef' } },
        metrics_collected: { prometheus: { prometheus_config_path: '/etc/tradewind/prometheus.yaml' } },
      },
    });
    const { scrape_configs } = parse(readFileSync(join(root, 'etc/tradewind/prometheus.yaml'), 'utf8')) as {
      scrape_configs: { static_configs: { targets: string[]; labels: unknown }[] }[];
    };
    expect(scrape_configs.flatMap(({ static_configs }) => static_configs)).toEqual([
      { targets: ['127.0.0.1:9464'], labels: { environment: 'lab', host: 'standby' } },
      { targets: ['127.0.0.1:9466'], labels: { environment: 'lab', host: 'standby' } },
    ]);
    expect(find().code).toBe(0);
    expect(restarts()).toBe(1);
    answer('ws-another');
    expect(find().code).toBe(0);
    expect([restarts(), readFileSync(join(root, AGENT), 'utf8').includes('ws-another')]).toEqual([2, true]);
  });

  testFind.each([
    ['None', /no such parameter yet/],
    ['ws-1"; rm', /is no id of a workspace/],
  ])('changes nothing where the answer is %j', (text, message) => {
    answer(text);
    expect(find()).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
    expect([existsSync(join(root, AGENT)), restarts()]).toEqual([false, 0]);
  });

  testFind('keeps what was found while nobody answers', () => {
    answer('ws-1');
    find();
    put(root, 'bin/aws', '#!/bin/sh\nexit 255\n', 0o755);
    expect(find().code).not.toBe(0);
    expect(existsSync(join(root, AGENT))).toBe(true);
  });

  test('the ports are those of the units, the labels those of the rules', () => {
    const unit = (name: string) => readFileSync(join(HOST, 'units', name), 'utf8');
    expect(unit('tradewind-engine.service')).toMatch(/--metrics-port 9464$/m);
    expect(unit('tradewind-metrics.service')).toMatch(/host metrics --port 9466$/m);
    expect(SAFETY_RULES.filter(({ expr }) => /by \(.*host/.test(expr)).length).toBeGreaterThan(5);
  });
});
