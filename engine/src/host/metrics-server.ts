import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** What Prometheus expects of its text format. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The host's own metrics as one text: every `*.prom` file of the folder, and how old each is, so that a unit that stopped
 * writing is seen although its last figures stay. A process of its own, so that nothing of the engine is asked.
 */
export function hostMetricsText(folder: string, wallNowMs = Date.now()): string {
  const ages: string[] = [];
  const texts: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!/^[\w-]+\.prom$/.test(name)) continue;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const text = readFileSync(path, 'utf8');
    texts.push(text === '' || text.endsWith('\n') ? text : `${text}\n`);
    const seconds = Math.max(0, (wallNowMs - stat.mtimeMs) / 1_000);
    ages.push(`tradewind_host_metrics_age_seconds{file="${name}"} ${seconds.toFixed(3)}\n`);
  }
  const head = [
    '# HELP tradewind_host_metrics_age_seconds Since the file with metrics of the host was written.\n',
    '# TYPE tradewind_host_metrics_age_seconds gauge\n',
  ];
  return [...texts, ...head, ...ages].join('');
}

/** `/metrics` of the host. It listens where it is told; nothing of it is meant for other machines. */
export async function createMetricsServer(folder: string): Promise<FastifyInstance> {
  // Only here: every other command would load it for nothing.
  const { fastify } = await import('fastify');
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/metrics', async (_request, reply) => {
    reply.header('content-type', CONTENT_TYPE);
    return hostMetricsText(folder);
  });
  return server;
}
