/**
 * From the world of one play to that of another: the same players under other addresses and ports.
 *
 * The rule: whatever is translated is what was played anew, into the addresses of the recording, so that what is
 * expected is never rewritten; only whoever sends recorded frames to a living player goes the other way. A
 * translation is one to one, so the way back answers what went in, whatever it was.
 */
import { macBytes } from '../protocol/address.ts';
import { dissect } from '../protocol/layout.ts';
import type { FieldSpec, FrameSpec } from '../protocol/types.ts';
import { playerOf } from '../recorder/sessions/session.ts';
import { rename } from './text-handles.ts';
import type { MaskedRange } from './types.ts';

const MAC_BYTES = 6;
const NO_RANGES: readonly MaskedRange[] = [];

/** One to one. What is not named is itself or, where another has its name, has a name that is left over. */
class Renaming {
  readonly #forth: Map<string, string>;
  readonly #back: Map<string, string>;

  constructor(forth = new Map<string, string>(), back = new Map<string, string>()) {
    this.#forth = forth;
    this.#back = back;
  }

  /** Shares what it knows: what is named later is named both ways. */
  inverse(): Renaming {
    return new Renaming(this.#back, this.#forth);
  }

  /** False where one of the two has another partner. */
  pair(from: string, to: string): boolean {
    if (this.#forth.has(from) || this.#back.has(to)) return this.#forth.get(from) === to;
    this.#forth.set(from, to);
    this.#back.set(to, from);
    return true;
  }

  of(name: string): string {
    const named = this.#forth.get(name);
    if (named !== undefined) return named;
    // Back along those who took each other's names: it ends, because nothing leads to a name without a partner.
    let free = name;
    for (let taken = this.#back.get(free); taken !== undefined; taken = this.#back.get(free)) free = taken;
    return free;
  }

  /** All that are something else afterwards. */
  changed(): string[] {
    return [...new Set([...this.#forth.keys(), ...this.#back.keys()])].filter(
      (name) => this.of(name) !== name,
    );
  }
}

/** What becomes of one address in frames, where something does. */
interface Site {
  /** Null where it stays as it is. */
  readonly mac: Uint8Array | null;
  readonly ports: ReadonlyMap<number, number>;
}

export class Translation {
  readonly #players: Renaming;
  /** By player, as it is called before; the way back has the same. */
  readonly #ports: Map<string, Renaming>;
  #inverse: Translation | null;
  readonly #isBack: boolean;
  /** By the address as a number; null where they are to be found anew. */
  #sites: ReadonlyMap<number, Site> | null = null;

  /** Nobody is called anything else, but for these. */
  static of(players: Iterable<readonly [from: string, to: string]> = []): Translation {
    const translation = new Translation(new Renaming(), new Map(), null);
    for (const [from, to] of players) translation.pair(from, to);
    return translation;
  }

  private constructor(players: Renaming, ports: Map<string, Renaming>, inverse: Translation | null) {
    this.#players = players;
    this.#ports = ports;
    this.#inverse = inverse;
    this.#isBack = inverse !== null;
  }

  /** The way back. It knows of pairs that are told later, too. */
  inverse(): Translation {
    this.#inverse ??= new Translation(this.#players.inverse(), this.#ports, this);
    return this.#inverse;
  }

  /** A player is called `to` afterwards. False where one of the two has another partner. */
  pair(from: string, to: string): boolean {
    this.#forget();
    return this.#players.pair(from, to);
  }

  /** Endpoints of two players who are a pair. False where one of the two has another partner. */
  pairEndpoints(from: string, to: string): boolean {
    if (this.#isBack) return this.inverse().pairEndpoints(to, from);
    const player = playerOf(from);
    if (this.player(player) !== playerOf(to)) throw new RangeError(`${from} and ${to} are of no pair`);
    let ports = this.#ports.get(player);
    if (ports === undefined) this.#ports.set(player, (ports = new Renaming()));
    this.#forget();
    return ports.pair(portOf(from), portOf(to));
  }

  player(player: string): string {
    return this.#players.of(player);
  }

  endpoint(endpoint: string): string {
    const player = playerOf(endpoint);
    if (player.length === endpoint.length) return this.player(player);
    const port = portOf(endpoint);
    return [this.player(player), this.#portsOf(player)?.of(port) ?? port].join('/');
  }

  /**
   * A whole frame, names that are text included, and the addresses that lie in these ranges of it. The same array where nothing changes, and a
   * copy otherwise.
   */
  apply(spec: FrameSpec | undefined, given: Uint8Array, ranges = NO_RANGES): Uint8Array {
    const bytes = spec === undefined ? given : rename(spec, given, (name) => this.player(name));
    const sites = (this.#sites ??= this.#findSites());
    if (sites.size === 0) return bytes;
    const places = spec === undefined ? NO_PLACES : placesIn(spec, bytes);
    let translated = bytes;
    for (const place of ranges.length === 0 ? places : [...places, ...placesOf(ranges)]) {
      // Always read from what it was: two that name the same bytes translate them once.
      if (place.at + MAC_BYTES > bytes.length) continue;
      const site = sites.get(macNumber(bytes, place.at));
      if (site === undefined) continue;
      if (translated === bytes) translated = Uint8Array.from(bytes);
      if (site.mac !== null) translated.set(site.mac, place.at);
      if (place.port === null || place.port.at + place.port.width > bytes.length) continue;
      const port = site.ports.get(readPort(bytes, place.port));
      if (port !== undefined) writePort(translated, place.port, port);
    }
    return translated;
  }

  #portsOf(player: string): Renaming | undefined {
    return this.#isBack ? this.#ports.get(this.player(player))?.inverse() : this.#ports.get(player);
  }

  #forget(): void {
    this.#sites = null;
    if (this.#inverse !== null) this.#inverse.#sites = null;
  }

  #findSites(): ReadonlyMap<number, Site> {
    const portOwners = [...this.#ports.keys()].map((player) =>
      this.#isBack ? this.inverse().player(player) : player,
    );
    const sites = new Map<number, Site>();
    for (const player of new Set([...this.#players.changed(), ...portOwners])) {
      const [before, after] = [macBytes(player), macBytes(this.player(player))];
      if (before === null || after === null) continue;
      const ports = this.#portsOf(player);
      const changed = ports?.changed().map((port) => [Number(port), Number(ports.of(port))] as const) ?? [];
      const mac = this.player(player) === player ? null : after;
      if (mac !== null || changed.length > 0)
        sites.set(macNumber(before, 0), { mac, ports: new Map(changed) });
    }
    return sites;
  }
}

function portOf(endpoint: string): string {
  return endpoint.slice(playerOf(endpoint).length + 1);
}

// Where addresses are ------------------------------------------------------------------------------------

interface PortPlace {
  readonly at: number;
  readonly width: number;
  readonly isLittleEndian: boolean;
}

interface Place {
  readonly at: number;
  /** Of the port that goes with it. */
  readonly port: PortPlace | null;
}

const NO_PLACES: readonly Place[] = [];

const WIDTHS: Readonly<Partial<Record<FieldSpec['type'], number>>> = {
  u8: 1,
  u16le: 2,
  u16be: 2,
  u32le: 4,
  u32be: 4,
};

/** Null for a kind whose addresses lie behind something of any size: they are looked for in each frame. */
const fixed = new WeakMap<FrameSpec, readonly Place[] | null>();

function placesIn(spec: FrameSpec, bytes: Uint8Array): readonly Place[] {
  let places = fixed.get(spec);
  if (places === undefined) {
    places = fixedPlaces(spec);
    fixed.set(spec, places);
  }
  return places ?? placesAmong(spec, dissect(spec, bytes));
}

function fixedPlaces(spec: FrameSpec): readonly Place[] | null {
  const rows: Row[] = [];
  let at: number | null = 0;
  for (const { name, type, size, portOf: owner } of spec.fields) {
    if (at !== null && typeof size === 'number') {
      rows.push({ name, at, size });
      at += size;
    } else if (type === 'mac' || type === 'macs' || owner !== undefined) {
      return null;
    } else {
      at = null;
    }
  }
  return placesAmong(spec, rows);
}

/** Of the fields of a frame, as far as they are there. */
interface Row {
  readonly name: string;
  readonly at: number;
  readonly size: number;
}

function placesAmong({ fields }: FrameSpec, rows: readonly Row[]): readonly Place[] {
  const places: Place[] = [];
  for (const [i, { at, size }] of rows.entries()) {
    const field = fields[i];
    if (field?.type === 'macs') places.push(...eachAddress(at, size));
    if (field?.type !== 'mac') continue;
    const port = fields.findIndex(({ portOf: owner }) => owner === field.name);
    places.push({ at, port: portPlace(fields[port], rows[port]) });
  }
  return places;
}

function portPlace(field: FieldSpec | undefined, row: Row | undefined): PortPlace | null {
  const width = field === undefined ? undefined : WIDTHS[field.type];
  if (field === undefined || row === undefined || width === undefined) return null;
  return { at: row.at, width, isLittleEndian: field.type.endsWith('le') };
}

function placesOf(ranges: readonly MaskedRange[]): Place[] {
  return ranges.flatMap(({ means, at, size }) => (means === 'address' ? eachAddress(at, size) : []));
}

function eachAddress(start: number, size: number): Place[] {
  const places: Place[] = [];
  for (let at = start; at + MAC_BYTES <= start + size; at += MAC_BYTES) places.push({ at, port: null });
  return places;
}

// Numbers ------------------------------------------------------------------------------------------------

function macNumber(bytes: Uint8Array, at: number): number {
  let number = 0;
  for (let i = at; i < at + MAC_BYTES; i++) number = number * 256 + (bytes[i] as number);
  return number;
}

function readPort(bytes: Uint8Array, { at, width, isLittleEndian }: PortPlace): number {
  let port = 0;
  for (let i = 0; i < width; i++)
    port = port * 256 + (bytes[isLittleEndian ? at + width - 1 - i : at + i] as number);
  return port;
}

function writePort(bytes: Uint8Array, { at, width, isLittleEndian }: PortPlace, port: number): void {
  for (let i = 0, left = port; i < width; i++, left = Math.floor(left / 256))
    bytes[isLittleEndian ? at + i : at + width - 1 - i] = left % 256;
}
