import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetAutomationExecutionCommand,
  type SSMClient,
  StartAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import type { Predecessor } from '@tradewind/engine/ha/lease';
import type { Log } from '../shared/index.js';
import type { AgentConfig } from './config.js';

/** Statuses of an automation that will not change any more, other than success. */
const FAILED = new Set(['TimedOut', 'Cancelled', 'Failed', 'Rejected', 'CompletedWithFailure', 'Exited']);

/** What fails again and again must not use up the account's executions, nor keep the new leader from trading for long. */
const MOST_PAUSE_MS = 8_000;

export interface PromotionOptions {
  readonly client: SSMClient;
  readonly config: Pick<AgentConfig, 'host' | 'promotion'>;
  readonly log: Log;
}

/** What a new leader has done for it by SSM Automation: the old one is cut off, the address moves here. */
export class Promotion {
  readonly #options: PromotionOptions;

  constructor(options: PromotionOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the awaited steps are done. An awaited step that fails is begun again as long as `wanted` says that this
   * host still leads `epoch`; the others are begun and told of only.
   */
  async run(epoch: number, from: Predecessor, wanted: () => boolean): Promise<void> {
    const { host, promotion } = this.#options.config;
    const steps = [];
    if (from.expired && from.host !== undefined && promotion.fence !== undefined) {
      steps.push({
        ...promotion.fence,
        parameters: {
          Host: from.host,
          Reason: `its lease ran out and ${host} took over with epoch ${epoch}`,
          RequestedBy: `agent on ${host}`,
        },
      });
    }
    if (promotion.moveAddress !== undefined) {
      steps.push({ ...promotion.moveAddress, parameters: { Host: host, Epoch: String(epoch) } });
    }
    for (const step of steps) {
      const done = this.#untilDone(step.document, step.parameters, wanted);
      if (step.awaited) await done;
    }
  }

  async #untilDone(
    document: string,
    parameters: Record<string, string>,
    wanted: () => boolean,
  ): Promise<void> {
    const { log, config } = this.#options;
    let pauseMs = config.promotion.pollEveryMs;
    while (wanted()) {
      try {
        await this.#once(document, parameters);
        log.info('automation done', { document, parameters });
        return;
      } catch (error) {
        log.error('automation failed: again', { document, parameters, error });
        await sleep(pauseMs);
        pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS);
      }
    }
  }

  async #once(document: string, parameters: Record<string, string>): Promise<void> {
    const { client, config } = this.#options;
    const { timeoutMs, pollEveryMs } = config.promotion;
    const abortSignal = AbortSignal.timeout(timeoutMs);
    const { AutomationExecutionId: id } = await client.send(
      new StartAutomationExecutionCommand({
        DocumentName: document,
        Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
      }),
      { abortSignal },
    );
    for (;;) {
      const { AutomationExecution: execution } = await client.send(
        new GetAutomationExecutionCommand({ AutomationExecutionId: id }),
        { abortSignal },
      );
      const status = execution?.AutomationExecutionStatus ?? 'Pending';
      if (status === 'Success' || status === 'CompletedWithSuccess') return;
      if (FAILED.has(status))
        throw new Error(`${id} ended as ${status}: ${execution?.FailureMessage ?? 'no message'}`);
      await sleep(pollEveryMs, undefined, { signal: abortSignal });
    }
  }
}
