import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { infraPath } from './paths.js';

const typeSchema = z.object({
  metal: z.boolean(),
  arch: z.enum(['x86_64', 'arm64']),
  vcpus: z.number(),
  cores: z.number(),
  /** Values of CpuOptions.ThreadsPerCore; empty where CPU options can not be given, as on metal. */
  threadsPerCore: z.array(z.number()),
  defaultThreadsPerCore: z.number(),
  ghz: z.number().nullable(),
  memoryGiB: z.number(),
  networkGbps: z.number(),
  baselineGbps: z.number(),
  maxInterfaces: z.number(),
  flexibleEnaQueues: z.boolean(),
  enaExpress: z.boolean(),
  ptpClock: z.boolean(),
  bandwidthWeighting: z.array(z.string()),
  placement: z.array(z.string()),
  autoRecovery: z.boolean(),
  hibernation: z.boolean(),
  instanceStorage: z.boolean(),
  burstable: z.boolean(),
  /** Zone-id prefix to zone numbers: `{ apne1: [1, 4] }` is apne1-az1 and apne1-az4. */
  zones: z.record(z.string(), z.array(z.number())),
});

const capabilitiesSchema = z.object({
  source: z.string(),
  date: z.iso.date(),
  /** Zone ids of each Region. */
  regions: z.record(z.string(), z.array(z.string())),
  types: z.record(z.string(), typeSchema),
});

export type InstanceCapability = z.output<typeof typeSchema>;
export type Capabilities = z.output<typeof capabilitiesSchema>;

let loaded: Capabilities | undefined;

/** What EC2 offers where, from the committed and dated `infra/data/instance-capabilities.json`. */
export function capabilities(): Capabilities {
  if (!loaded) {
    const text = readFileSync(infraPath('data', 'instance-capabilities.json'), 'utf8');
    const data = capabilitiesSchema.parse(JSON.parse(text));
    // Without prototypes: a type named `constructor` is only an unknown one.
    loaded = { ...data, regions: bare(data.regions), types: bare(data.types) };
  }
  return loaded;
}

function bare<T>(record: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), record);
}

/** Whether a type can be launched in a zone, given by its id. */
export function offeredIn(type: InstanceCapability, zoneId: string): boolean {
  const [prefix, number] = zoneId.split('-az');
  return type.zones[prefix as string]?.includes(Number(number)) ?? false;
}
