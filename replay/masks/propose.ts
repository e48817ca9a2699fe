/**
 * From fields of single classes of frames to masks that people can read.
 *
 * The rule: masks are merged where all agree, over sizes and over conversations, and nowhere else: a merged
 * mask hides in no frame that was seen what its own would not have hidden.
 */
import { kindName, UNFRAMED } from '../../protocol/kind.ts';
import { protocols } from '../../protocol/registry.ts';
import type { FrameClass } from './classes.ts';
import type { FoundField } from './fields.ts';
import type { Meaning } from './file.ts';
import type { Talk } from './pairing.ts';

/** A mask as it stands in a file. */
export interface ProposedMask {
  readonly conversation?: { readonly from?: string; readonly to?: string };
  readonly protocol?: string;
  readonly kind: string;
  readonly size?: number | { readonly min: number; readonly max: number };
  readonly at?: number;
  readonly bytes?: number | 'all';
  readonly field?: string;
  readonly means: Meaning;
  readonly why?: '';
}

export interface Proposal {
  readonly mask: ProposedMask;
  /** It hides all of some payloads, and somebody has to say why. */
  readonly needsReason: boolean;
  /** Pairs of frames that were compared, and in how many of them something of it differed. */
  readonly frames: number;
  readonly differing: number;
  /** The share of all bytes of those frames that it hides, from 0 to 1. */
  readonly share: number;
}

/** The frames of one kind and size between the same ends, as a mask can name them. */
interface Cell {
  readonly kind: string;
  readonly who: Who;
  readonly size: number;
  /** Several where two players have several sockets whose ports are others each time. */
  readonly classes: readonly FrameClass[];
  /** By `placeKey`. */
  readonly spots: ReadonlyMap<string, Spot>;
}

interface Who {
  readonly from: string;
  readonly to: string;
}

/** What may become a mask, in one cell. */
interface Spot {
  readonly place: Place;
  readonly means: Meaning;
  readonly differing: number;
  /** Bytes in each frame. */
  readonly hidden: number;
  /** It is all of the payload, or the last part of it that was left. */
  readonly isWhole: boolean;
}

type Place = Pick<ProposedMask, 'at' | 'bytes' | 'field'>;

/** `classes` are all in which frames were compared, also those in which nothing differs. */
export function propose(
  classes: readonly FrameClass[],
  fieldsOf: (frameClass: FrameClass) => readonly FoundField[],
): Proposal[] {
  const proposals: Proposal[] = [];
  for (const cells of groups(cellsOf(classes, fieldsOf), ({ kind }) => kind)) {
    const keys = new Set(cells.flatMap(({ spots }) => [...spots.keys()]));
    for (const key of keys) proposals.push(...merged(key, cells));
  }
  return proposals;
}

function cellsOf(
  classes: readonly FrameClass[],
  fieldsOf: (frameClass: FrameClass) => readonly FoundField[],
): Cell[] {
  const whos = nameEnds(classes.map(({ talk }) => talk));
  const whoOf = ({ talk }: FrameClass) => whos.get(talk) as Who;
  const alike = groups(classes, (each) => {
    const { from, to } = whoOf(each);
    return JSON.stringify([kindKey(each), from, to, each.body.size]);
  });
  return alike.map((same) => {
    const [first] = same as [FrameClass];
    const spots = new Map<string, Spot>();
    for (const spot of same.flatMap((each) => spotsOf(each, fieldsOf(each)))) {
      const key = placeKey(spot);
      const known = spots.get(key);
      spots.set(key, known === undefined ? spot : { ...known, differing: known.differing + spot.differing });
    }
    return { kind: kindKey(first), who: whoOf(first), size: first.body.size, classes: same, spots };
  });
}

/** Roles, with ports where two players have several sockets, and ports that stay the same to tell them apart by. */
function nameEnds(talks: readonly Talk[]): ReadonlyMap<Talk, Who> {
  const names = new Map<Talk, Who>();
  for (const same of groups([...new Set(talks)], ({ which }) => which)) {
    const ports = same.map((talk) => ({ talk, from: portOf(talk, 'from'), to: portOf(talk, 'to') }));
    const canTell = ports.every(({ from, to }) => from !== null && to !== null);
    for (const { talk, from, to } of ports) {
      const isTold = same.length > 1 && canTell;
      names.set(talk, {
        from: talk.from + (isTold ? (from ?? '') : ''),
        to: talk.to + (isTold ? (to ?? '') : ''),
      });
    }
  }
  return names;
}

/** `/100` where it is the same in all recordings; nothing where there are no ports; else null. */
function portOf({ conversations }: Talk, end: 'from' | 'to'): string | null {
  const ports = new Set(
    conversations.flatMap((each) => {
      if (each === undefined) return [];
      const { endpoint } = each[end];
      return endpoint.includes('/') ? endpoint.slice(endpoint.lastIndexOf('/')) : '';
    }),
  );
  const [only = ''] = ports;
  return ports.size > 1 ? null : only;
}

function spotsOf(frameClass: FrameClass, fields: readonly FoundField[]): Spot[] {
  const { body, differs } = frameClass;
  const most = (at: number, bytes: number) => Math.max(...differs.subarray(at, at + bytes));
  const header = headerFields(frameClass).map(({ name, at, bytes }): Spot => {
    return {
      place: { field: name },
      means: 'other',
      differing: most(at, bytes),
      hidden: bytes,
      isWhole: false,
    };
  });
  const hidden = sum(fields, ({ bytes }) => bytes);
  const isWhole = hidden === body.size && hidden > 0;
  // An address is mapped, and so it has to be told apart.
  if (isWhole && !fields.some(({ means }) => means === 'address')) {
    const means = fields.length === 1 ? (fields[0]?.means ?? 'other') : 'other';
    const differing = Math.max(...fields.map(({ at, bytes }) => most(at, bytes)));
    return [...header, { place: { bytes: 'all' }, means, differing, hidden, isWhole }];
  }
  const inBody = fields.map(({ at, bytes, means }): Spot => {
    const place = { at: at - body.at, bytes };
    return { place, means, differing: most(at, bytes), hidden: bytes, isWhole };
  });
  return [...header, ...inBody];
}

/** Fields before the body in which something differs. */
function headerFields({ spec, body, differs }: FrameClass): { name: string; at: number; bytes: number }[] {
  const found: { name: string; at: number; bytes: number }[] = [];
  let at = 0;
  for (const { name, size } of spec?.fields ?? []) {
    if (typeof size !== 'number' || at >= body.at) break;
    if (differs.subarray(at, at + size).some((count) => count > 0)) found.push({ name, at, bytes: size });
    at += size;
  }
  return found;
}

/** Masks for one place in frames of one kind, as few as say of all cells what they say themselves. */
function merged(key: string, cells: readonly Cell[]): Proposal[] {
  const [{ place }] = cells.flatMap(({ spots }) => spots.get(key) ?? []) as [Spot];
  const affected = cells.filter(({ size }) => place.field !== undefined || size > (place.at ?? 0));
  const having = affected.filter(({ spots }) => spots.has(key));
  const isMany = new Set(affected.map(whoKey)).size > 1;
  const proposals: Proposal[] = [];
  let left: readonly Cell[] = having;
  const put = (some: readonly Cell[], who: Who | null, sizes: readonly number[] | null) => {
    proposals.push(proposal(key, some, who, sizes));
    left = left.filter((cell) => !some.includes(cell));
  };
  // First what all conversations agree on, then what each has for itself.
  const common = sizesOf(having).filter((size) => {
    const ofSize = affected.filter((cell) => cell.size === size);
    return ofSize.length > 1 && ofSize.every((cell) => having.includes(cell));
  });
  const everywhere = having.length === affected.length && isMany;
  if (everywhere) put(having, null, sizesOf(having).length > 1 ? null : sizesOf(having));
  for (const run of runsOf(everywhere ? [] : common, sizesOf(affected)))
    put(
      having.filter(({ size }) => run.includes(size)),
      null,
      run,
    );
  for (const mine of groups(left, whoKey)) {
    const [{ who }] = mine as [Cell];
    const own = affected.filter((cell) => whoKey(cell) === whoKey(mine[0] as Cell));
    const isAll = mine.length === own.length && own.length > 1;
    if (isAll) put(mine, who, null);
    for (const run of isAll ? [] : runsOf(sizesOf(mine), sizesOf(own)))
      put(
        mine.filter(({ size }) => run.includes(size)),
        who,
        run,
      );
  }
  return proposals;
}

function proposal(
  key: string,
  cells: readonly Cell[],
  who: Who | null,
  sizes: readonly number[] | null,
): Proposal {
  const found = cells.flatMap((cell) => {
    const spot = cell.spots.get(key);
    return spot === undefined ? [] : [{ spot, size: cell.size, classes: cell.classes }];
  });
  const [{ spot, classes }] = found as [(typeof found)[number]];
  const [frameClass] = classes as [FrameClass];
  const pairs = (some: readonly FrameClass[]) => sum(some, (each) => each.pairs);
  const bytes = sum(found, (each) => sum(each.classes, ({ pairs, length }) => pairs * length));
  const hidden = sum(found, (each) => pairs(each.classes) * each.spot.hidden);
  const isWhole = found.some((each) => each.spot.isWhole);
  return {
    mask: {
      ...(who !== null && { conversation: who }),
      ...kindOf(frameClass),
      ...(sizes !== null && { size: sizeOf(sizes) }),
      ...spot.place,
      means: spot.means,
      ...(isWhole && { why: '' as const }),
    },
    needsReason: isWhole,
    frames: sum(found, (each) => pairs(each.classes)),
    differing: sum(found, (each) => each.spot.differing),
    share: hidden / bytes,
  };
}

/** Sizes that are next to each other in all that were seen. */
function runsOf(sizes: readonly number[], all: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const [i, size] of all.entries()) {
    if (!sizes.includes(size)) continue;
    const before = all[i - 1];
    const last = runs.at(-1);
    if (last !== undefined && before !== undefined && last.at(-1) === before) last.push(size);
    else runs.push([size]);
  }
  return runs;
}

function sizeOf(sizes: readonly number[]): number | { min: number; max: number } {
  const [min = 0] = sizes;
  const max = sizes.at(-1) ?? min;
  return min === max ? min : { min, max };
}

function sizesOf(cells: readonly Cell[]): number[] {
  return [...new Set(cells.map(({ size }) => size))].sort((one, other) => one - other);
}

/** By name, and by protocol where the name is not enough. */
function kindOf({ talk, kind }: FrameClass): { protocol?: string; kind: string } {
  const protocol = talk.protocol;
  const name = kindName(protocol, kind);
  const isShared =
    kind === UNFRAMED ||
    protocols.filter(({ frames }) => frames.some((each) => each.name === name)).length > 1;
  return isShared ? { protocol: protocol.name, kind: name } : { kind: name };
}

function kindKey({ talk, kind }: FrameClass): string {
  return `${talk.protocol.id} ${kind}`;
}

function whoKey({ who: { from, to } }: Cell): string {
  return JSON.stringify([from, to]);
}

/** What bytes are is part of what conversations must agree on. */
function placeKey({ place: { at, bytes, field }, means }: Spot): string {
  return JSON.stringify([at, bytes, field, means]);
}

function groups<T>(items: Iterable<T>, keyOf: (item: T) => string): T[][] {
  const all = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = all.get(key);
    if (group === undefined) all.set(key, [item]);
    else group.push(item);
  }
  return [...all.values()];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, each) => total + of(each), 0);
}
