/**
 * Finds the filter that lets exactly the frames of one conversation through, while they go by.
 *
 * The rule: it is written as people would, by endpoints, wherever these alone mean the same frames; where they do not (a connection
 * that never said who it is, an endpoint without a port), by the numbers of connections.
 */
import type { Protocol } from '../protocol/types.ts';
import { LIST_MAX } from './filter/limits.ts';
import { isPlayer, nameText, quoted } from './filter/types.ts';
import { targetOf } from './ends.ts';
import { namedEndpoint } from './named-endpoint.ts';
import type { SeenFrame } from './observe.ts';

/** Connections at each end, which are named by number where there is no other way; of more, the first. */
export const CONNS_MAX = LIST_MAX;

/** What is said one way. */
interface Said {
  readonly from: string;
  readonly to: string;
  readonly fromConns: Set<number>;
  /** Empty where nothing arrived. */
  readonly toConns: Set<number>;
  /** Of what reached nobody: by what it named, as filters say it. */
  readonly names: Set<string>;
  /** Of what reached nobody and named nobody: who sent it. */
  readonly lostConns: Set<number>;
}

export class ConversationFilter {
  readonly #protocol: Protocol | null;
  /** By kind: how long a frame must be to have a payload. */
  readonly #kinds = new Map<number, string>();
  /** Pairs of connections that are known to be in here. */
  readonly #pairs = new Set<number>();
  readonly #said: Said[] = [];
  /** Kinds whose frames name in their fields whom they are for. */
  readonly #naming = new Set<number>();

  constructor(protocol: Protocol | null) {
    this.#protocol = protocol;
  }

  add(seen: SeenFrame, source: string, target: string): void {
    const { frame, spec, payload } = seen;
    if (!this.#kinds.has(frame.kind) && spec !== null && payload !== null) {
      const size = Math.max(spec.bytesMin, payload.byteOffset - frame.bytes.byteOffset);
      this.#kinds.set(frame.kind, `kind == ${nameText(spec.name)} && size >= ${size}`);
    }
    const pair = frame.from * 2 ** 26 + frame.to;
    if (frame.to !== 0 && this.#pairs.has(pair)) return;
    const said = this.#way(source, target);
    if (frame.to === 0) {
      this.#lost(said, seen);
      return;
    }
    this.#pairs.add(pair);
    put(said.fromConns, frame.from);
    put(said.toConns, frame.to);
  }

  /** Frames of other conversations never pass it; all of this one do, within the limits. */
  get text(): string {
    const kinds = [...this.#kinds.values()];
    const what = kinds.length === 1 ? kinds[0]! : `(${kinds.map((kind) => `(${kind})`).join(' || ')})`;
    const ways = this.#said.map(wayText);
    const who = ways.length === 1 ? ways[0]! : `(${ways.map((way) => `(${way})`).join(' || ')})`;
    const protocol = this.#protocol === null ? [] : [`protocol == ${nameText(this.#protocol.name)}`];
    return [...protocol, what, who].join(' && ');
  }

  #way(source: string, target: string): Said {
    const known = this.#said.find((each) => each.from === source && each.to === target);
    if (known !== undefined) return known;
    const said: Said = {
      from: source,
      to: target,
      fromConns: new Set(),
      toConns: new Set(),
      names: new Set(),
      lostConns: new Set(),
    };
    this.#said.push(said);
    return said;
  }

  #lost(said: Said, seen: SeenFrame): void {
    const { frame, from, spec } = seen;
    put(said.fromConns, frame.from);
    if (said.names.size > 0 && this.#naming.has(frame.kind)) return;
    const named = spec === null ? null : namedEndpoint(spec, frame.bytes);
    if (named !== null && from?.protocol != null && named.endpoint === targetOf(seen)) {
      this.#naming.add(frame.kind);
      if (said.names.size > 0) return;
      const field = (name: string) => `${from.protocol?.name ?? ''}.${name}`;
      said.names.add(
        `${field(named.addressField)} == ${named.address} && ${field(named.portField)} == ${named.port}`,
      );
    } else {
      put(said.lostConns, frame.from);
    }
  }
}

function wayText({ from, to, fromConns, toConns, names, lostConns }: Said): string {
  const source = isExact(from) ? `from == ${endText(from)}` : oneOf('from.conn', fromConns);
  const targets = [
    ...(toConns.size === 0 ? [] : [isExact(to) ? `to == ${endText(to)}` : oneOf('to.conn', toConns)]),
    ...[...names].map((name) => `to == relay && ${name}`),
    ...(lostConns.size === 0 ? [] : [`to == relay && ${oneOf('from.conn', lostConns)}`]),
  ];
  const target = targets.length === 1 ? targets[0]! : `(${targets.map((each) => `(${each})`).join(' || ')})`;
  return `${source} && ${target}`;
}

function oneOf(field: string, conns: ReadonlySet<number>): string {
  return conns.size === 1 ? `${field} == ${[...conns].join('')}` : `${field} in (${[...conns].join(', ')})`;
}

/** What has a port means itself alone; all else means whatever begins like it, or is a connection without a name. */
function isExact(endpoint: string): boolean {
  return !isPlayer(endpoint);
}

function endText(endpoint: string): string {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}\/\d{1,5}$/.test(endpoint) ? endpoint : quoted(endpoint);
}

function put(conns: Set<number>, conn: number): void {
  if (conns.size < CONNS_MAX) conns.add(conn);
}
