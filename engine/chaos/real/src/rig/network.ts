import { spawnSync } from 'node:child_process';
import { type Children, findProgram } from './children.js';

/** Where something is, and how it is reached from where. */
export type Link = 'pair' | 'a-lease' | 'b-lease';

/**
 * Three machines made of network namespaces: the two engines, and the services (etcd and venue). Between each two of them one
 * link for each thing they talk about, so that each can be cut by itself: journal, lease, orders. The harness has a link of
 * its own to each. `ip link set down` loses packets without a word, as a pulled cable does.
 */
export class Network {
  readonly namespaces: { readonly a: string; readonly b: string; readonly services: string };
  readonly remove: () => void;
  readonly #prefix: string;

  /** Why there can be none here; undefined when there can. */
  static missing(): string | undefined {
    if (process.getuid?.() !== 0) return 'needs root';
    if (findProgram('ip') === undefined) return 'needs ip (iproute2)';
    const tried = spawnSync(findProgram('ip')!, ['netns', 'add', `twprobe${process.pid}`]);
    if (tried.status !== 0) return `network namespaces are not allowed: ${String(tried.stderr).trim()}`;
    spawnSync(findProgram('ip')!, ['netns', 'del', `twprobe${process.pid}`]);
    return undefined;
  }

  constructor(children: Children) {
    this.#prefix = `tw${process.pid.toString(36)}`;
    const name = (which: string) => `${this.#prefix}${which}`;
    this.namespaces = { a: name('a'), b: name('b'), services: name('s') };
    this.remove = children.removal(() => this.#remove());
    const { a, b, services } = this.namespaces;
    for (const namespace of [a, b, services]) {
      ip('netns', 'add', namespace);
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    }
    this.#join('p', 1, a, b);
    this.#join('al', 2, a, services);
    this.#join('bl', 3, b, services);
    this.#join('av', 4, a, services);
    this.#join('bv', 5, b, services);
    this.#join('ha', 6, undefined, a);
    this.#join('hb', 7, undefined, b);
    this.#join('hs', 8, undefined, services);
  }

  /** Addresses as seen by whoever needs them. */
  readonly addresses = {
    a: { listen: address(1, 1), lease: address(2, 2), venue: address(4, 2), harness: address(6, 2) },
    b: { listen: address(1, 2), lease: address(3, 2), venue: address(5, 2), harness: address(7, 2) },
    services: address(8, 2),
  };

  /** Cuts a link, or makes it whole. */
  set(link: Link, state: 'up' | 'down'): void {
    const { a, b } = this.namespaces;
    const [namespace, name] = { pair: [a, 'p'], 'a-lease': [a, 'al'], 'b-lease': [b, 'bl'] }[link] as [
      string,
      string,
    ];
    ip('-n', namespace, 'link', 'set', `${this.#prefix}${name}0`, state);
  }

  #remove(): void {
    for (const namespace of Object.values(this.namespaces)) {
      spawnSync(findProgram('ip')!, ['netns', 'del', namespace]);
    }
  }

  /** Undefined: where the harness is. */
  #join(name: string, subnet: number, left: string | undefined, right: string): void {
    const ends = [0, 1].map((end) => `${this.#prefix}${name}${end}`) as [string, string];
    ip('link', 'add', ends[0], 'type', 'veth', 'peer', 'name', ends[1]);
    [left, right].forEach((namespace, end) => {
      const inside = namespace === undefined ? [] : ['-n', namespace];
      if (namespace !== undefined) ip('link', 'set', ends[end]!, 'netns', namespace);
      ip(...inside, 'addr', 'add', `${address(subnet, end + 1)}/30`, 'dev', ends[end]!);
      ip(...inside, 'link', 'set', ends[end]!, 'up');
    });
  }
}

/** Of a range nobody routes (198.18.0.0/15 is for tests of network devices). */
function address(subnet: number, host: number): string {
  return `198.18.${subnet}.${host}`;
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(findProgram('ip')!, args);
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${String(stderr).trim()}`);
}
