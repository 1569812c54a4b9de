// Remakes instance-capabilities.json from files saved with the AWS command line; talks to nobody. README.md says how to save
// them.
//
//   node infra/data/refresh-capabilities.mjs <folder> [--date 2027-01-31] [--out file]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Families a trading host could be of: no accelerators, no Macs, no flex types, none from before enhanced networking. */
const FAMILIES = /^(?:[cmriz]\d|t[3-9]|x[2-9])\w*$/;

class InputError extends Error {}

/** What the environment checks need to know of a type; throws naming the type and the member that is missing. */
function capability(type) {
  const name = type.InstanceType;
  const need = (path) => {
    const value = path.split('.').reduce((at, key) => at?.[key], type);
    if (value === undefined)
      throw new InputError(`${name} has no ${path}: save the files with a current AWS CLI`);
    return value;
  };
  const cards = need('NetworkInfo.NetworkCards');
  const sum = (key) => round(cards.reduce((total, card) => total + (card[key] ?? 0), 0));
  const metal = need('BareMetal');
  return {
    metal,
    arch: need('ProcessorInfo.SupportedArchitectures').includes('arm64') ? 'arm64' : 'x86_64',
    vcpus: need('VCpuInfo.DefaultVCpus'),
    cores: type.VCpuInfo.DefaultCores ?? type.VCpuInfo.DefaultVCpus,
    threadsPerCore: type.VCpuInfo.ValidThreadsPerCore ?? [],
    defaultThreadsPerCore: type.VCpuInfo.DefaultThreadsPerCore ?? 1,
    ghz: type.ProcessorInfo.SustainedClockSpeedInGhz ?? null,
    memoryGiB: need('MemoryInfo.SizeInMiB') / 1_024,
    networkGbps: sum('PeakBandwidthInGbps'),
    baselineGbps: sum('BaselineBandwidthInGbps'),
    maxInterfaces: need('NetworkInfo.MaximumNetworkInterfaces'),
    flexibleEnaQueues: type.NetworkInfo.FlexibleEnaQueuesSupport === 'supported',
    enaExpress: type.NetworkInfo.EnaSrdSupported ?? false,
    ptpClock: type.PhcSupport === 'supported',
    bandwidthWeighting: type.NetworkInfo.BandwidthWeightings ?? [],
    placement: need('PlacementGroupInfo.SupportedStrategies'),
    autoRecovery: type.AutoRecoverySupported ?? false,
    hibernation: type.HibernationSupported ?? false,
    instanceStorage: type.InstanceStorageSupported ?? false,
    burstable: type.BurstablePerformanceSupported ?? false,
  };
}

function round(value) {
  return Math.round(value * 1_000) / 1_000;
}

function read(folder, prefix, member) {
  const files = readdirSync(folder).filter((file) => file.startsWith(prefix) && file.endsWith('.json'));
  if (files.length === 0)
    throw new InputError(`${folder}: no file ${prefix}<region>.json; save one for each Region`);
  return files.sort().map((file) => {
    let content;
    try {
      content = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    } catch (error) {
      throw new InputError(
        `${join(folder, file)}: is no JSON (${error.message}); save it again with --output json`,
      );
    }
    if (!Array.isArray(content[member])) {
      throw new InputError(`${join(folder, file)}: has no list ${member}; save it again as README.md says`);
    }
    return { region: file.slice(prefix.length, -'.json'.length), items: content[member] };
  });
}

function capabilities(folder, date) {
  const regions = {};
  const zones = new Map();
  for (const { region, items } of read(folder, 'offerings-', 'InstanceTypeOfferings')) {
    const ids = [...new Set(items.map((item) => item.Location))].sort();
    const odd = ids.find((id) => !/^[a-z]+\d-az\d+$/.test(id));
    if (odd !== undefined) {
      throw new InputError(
        `offerings-${region}.json: ${odd} is no zone id; use --location-type availability-zone-id`,
      );
    }
    regions[region] = ids;
    for (const { InstanceType: name, Location: id } of items) {
      const [prefix, number] = id.split('-az');
      const of = zones.get(name) ?? {};
      of[prefix] = [...new Set([...(of[prefix] ?? []), Number(number)])].sort((a, b) => a - b);
      zones.set(name, of);
    }
  }
  const types = new Map();
  for (const { items } of read(folder, 'instance-types-', 'InstanceTypes')) {
    for (const type of items) {
      const [family] = type.InstanceType.split('.');
      if (!FAMILIES.test(family) || !type.CurrentGeneration || !zones.has(type.InstanceType)) continue;
      const of = zones.get(type.InstanceType);
      types.set(type.InstanceType, { ...capability(type), zones: sorted(Object.entries(of)) });
    }
  }
  return {
    source: 'EC2 DescribeInstanceTypes and DescribeInstanceTypeOfferings (by Availability Zone id)',
    date,
    regions: sorted(Object.entries(regions)),
    types: sorted([...types]),
  };
}

function sorted(entries) {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      out: { type: 'string', default: fileURLToPath(new URL('instance-capabilities.json', import.meta.url)) },
    },
  });
  if (positionals.length !== 1) throw new InputError('give the one folder that holds the saved files');
  const result = capabilities(positionals[0], values.date);
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
  const count = [Object.keys(result.types).length, Object.keys(result.regions).length];
  process.stdout.write(`${count[0]} types, ${count[1]} Regions -> ${values.out}\n`);
} catch (error) {
  process.stderr.write(`refresh-capabilities: ${error.message}\n`);
  process.exitCode = error instanceof InputError || error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}
