/** One look at the engine. */
export interface EngineLook {
  /** `/health` answered at all. */
  readonly answered: boolean;
  /** It said that the engine's main thread turns. */
  readonly healthy: boolean;
  /** `/ready` said that it may trade. */
  readonly ready: boolean;
}

/** Asks the engine's `/health` and `/ready`, each at most `timeoutMs`; never rejects. */
export async function lookAtEngine(baseUrl: string, timeoutMs: number): Promise<EngineLook> {
  const ask = async (path: string): Promise<boolean | undefined> => {
    try {
      const response = await fetch(new URL(path, baseUrl), { signal: AbortSignal.timeout(timeoutMs) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return undefined;
    }
  };
  const [healthy, ready] = await Promise.all([ask('/health'), ask('/ready')]);
  return { answered: healthy !== undefined, healthy: healthy === true, ready: ready === true };
}
