import { editDistance } from '@tradewind/engine/config';
import { capabilities, type InstanceCapability, offeredIn } from './capabilities.js';
import { type TypeNeeds, unmetNeeds } from './type-needs.js';

const SUGGESTIONS = 3;

/** Types that meet every need, the nearest to `name` first; a name that exists nowhere counts by its spelling. */
export function nearestTypes(name: string, needs: TypeNeeds, limit = SUGGESTIONS): string[] {
  const { types } = capabilities();
  const wanted = Object.hasOwn(types, name) ? types[name] : undefined;
  const distance = (other: string, type: InstanceCapability) =>
    wanted ? unlike(name, wanted, other, type) : editDistance(name, other);
  return Object.entries(types)
    .filter(([other, type]) => other !== name && unmetNeeds(other, type, needs).length === 0)
    .map(([other, type]) => ({ other, distance: distance(other, type) }))
    .sort((a, b) => a.distance - b.distance || a.other.localeCompare(b.other))
    .slice(0, limit)
    .map(({ other }) => other);
}

/** Zones of the Region where the type is offered. */
export function zonesOffering(type: InstanceCapability, region: string): string[] {
  return (capabilities().regions[region] ?? []).filter((zoneId) => offeredIn(type, zoneId));
}

/**
 * How unlike two types are for a trading host. The family decides first, then whether they are metal, then clock rate, then
 * size: another size of the same family, else what comes nearest in speed.
 */
function unlike(aName: string, a: InstanceCapability, bName: string, b: InstanceCapability): number {
  const [aFamily, bFamily] = [aName, bName].map((name) => name.split('.')[0] as string) as [string, string];
  const ratio = (one: number, other: number) => Math.abs(Math.log2(one / other));
  return (
    (aFamily === bFamily ? 0 : 100) +
    (a.metal === b.metal ? 0 : 50) +
    (a.arch === b.arch ? 0 : 40) +
    (aFamily[0] === bFamily[0] ? 0 : 2) +
    (a.burstable === b.burstable ? 0 : 5) +
    (a.instanceStorage === b.instanceStorage ? 0 : 3) +
    8 * Math.abs((a.ghz ?? 0) - (b.ghz ?? 0)) +
    6 * ratio(a.vcpus, b.vcpus) +
    2 * ratio(a.memoryGiB, b.memoryGiB) +
    ratio(a.networkGbps, b.networkGbps)
  );
}
