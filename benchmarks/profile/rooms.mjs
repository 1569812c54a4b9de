/** The rooms of the engine that are on the trading line or beside it, in the order data walks through them. */
export const ROOMS = [
  ...['domain', 'telemetry', 'book', 'portfolio', 'risk', 'oms', 'strategies', 'kernel', 'journal', 'venues'],
  ...['simulator', 'backtest', 'ha', 'wiring'],
];

/** The room a function is in, by the place in its name; undefined for what is not the engine's. */
export function roomOf(name) {
  const [, place = ''] = /([^ ]+)\/[^ ]*$/.exec(name) ?? [];
  const room = place.split('/')[0];
  return ROOMS.includes(room) ? room : undefined;
}

/**
 * Time by room, most first; what is none of the engine's is `other`.
 *
 * @param {readonly { name: string, selfUs: number }[]} functions
 * @returns {[string, number][]} microseconds
 */
export function byRoom(functions) {
  const rooms = new Map();
  for (const { name, selfUs } of functions) {
    const room = roomOf(name) ?? (name === '(garbage collector)' ? name : 'other');
    rooms.set(room, (rooms.get(room) ?? 0) + selfUs);
  }
  return [...rooms].sort(([, a], [, b]) => b - a);
}
