import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { infraPath } from './paths.js';

const fileSchema = z.object({
  source: z.string(),
  date: z.iso.date(),
  venues: z.record(z.string(), z.array(z.object({ host: z.string(), port: z.number() }))),
});

export interface VenueEndpoint {
  readonly host: string;
  readonly port: number;
}

let loaded: Readonly<Record<string, readonly VenueEndpoint[]>> | undefined;

/** Host names and ports by venue id, from `infra/data/venue-endpoints.json`. */
export function venueEndpoints(): Readonly<Record<string, readonly VenueEndpoint[]>> {
  if (loaded) return loaded;
  const text = readFileSync(infraPath('data', 'venue-endpoints.json'), 'utf8');
  // Without a prototype: a venue named `constructor` is only an unknown one.
  const venues: Record<string, readonly VenueEndpoint[]> = Object.create(null);
  loaded = Object.assign(venues, fileSchema.parse(JSON.parse(text)).venues);
  return loaded;
}
