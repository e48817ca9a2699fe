/** What every protocol says about itself is complete and fits together. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commonFaults, CommonFault, FAULTS_OWN } from '../../protocol/fault.ts';
import { namedField } from '../../protocol/given-names.ts';
import { counterOf, endOf, flatSpecs, isControl } from '../../protocol/layout.ts';
import { UNFRAMED, unframed } from '../../protocol/kind.ts';
import { Outcome, outcomes } from '../../protocol/outcome.ts';
import { protocolById, protocolByName, protocols } from '../../protocol/registry.ts';
import { Direction, type FaultSpec, type FieldSpec, type FrameSpec } from '../../protocol/types.ts';
import { FRAME_BYTES_MAX } from '../../recorder/slab.ts';
import { isInteger, kindsIn, modes, places } from '../kit/generate.ts';
import { scribe } from '../kit/scribe.ts';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const FOLDER = new URL('../../protocol/', import.meta.url);
const FILES = ['faults.ts', 'framing.ts', 'hub.ts', 'index.ts', 'layout.ts', 'sessions.ts', 'summary.ts'];

function expectUnique(values: readonly unknown[]): void {
  expect(new Set(values).size).toBe(values.length);
}

function expectReasons(specs: readonly FaultSpec[]): void {
  expectUnique(specs.map(({ name }) => name));
  for (const { name, text } of specs) {
    expect(name).toMatch(NAME);
    expect(text).toMatch(/^\S.*[^.\s]$/);
  }
}

/** Whether no bytes can be both, of kinds that share a mode. */
function areToldApart(one: FrameSpec, other: FrameSpec): boolean {
  if (one.otherwise === true || other.otherwise === true) return one.otherwise !== other.otherwise;
  const differ = one.fields.findIndex(({ name }, i) => name !== other.fields[i]?.name);
  const [first, second] = [one, other].map(({ fields }) => fields[differ]);
  if (first !== undefined && second !== undefined) {
    // No line begins with a control character.
    if ([first, second].some(isControls) && [first, second].some(({ type }) => type === 'line')) return true;
    // What begins with a text of its own is told by that, and only then what begins with any bytes.
    if (typeof first.always === 'string' && second.type === 'bytes') return true;
  }
  return one.fields.some((field) => {
    const same = other.fields.find(({ name }) => name === field.name);
    return same !== undefined && !overlap(field, same);
  });
}

/** Whether a field begins with a control character, whatever it holds. */
function isControls({ size, type, always }: FieldSpec): boolean {
  return size === 'controls' || (type === 'u8' && typeof always === 'number' && isControl(always));
}

function overlap(one: FieldSpec, other: FieldSpec): boolean {
  if (typeof one.always === 'string' || typeof other.always === 'string')
    return one.always === undefined || other.always === undefined || one.always === other.always;
  const [first, second] = [rangeOf(one), rangeOf(other)];
  return Math.max(first.min, second.min) <= Math.min(first.max, second.max);
}

function rangeOf({ always, min = -Infinity, max = Infinity }: FieldSpec): { min: number; max: number } {
  return typeof always === 'number' ? { min: always, max: always } : { min, max };
}

function leastBytes(field: FieldSpec): number {
  const end = endOf(field);
  if (end !== null) return (end.min ?? (field.type === 'decimal' ? 1 : 0)) + 1;
  return typeof field.size === 'number' ? field.size : 0;
}

describe('the registry', () => {
  it('has each id and each name once', () => {
    expectUnique(protocols.map(({ id }) => id));
    expectUnique(protocols.map(({ name }) => name));
  });

  it('is searched by id and by name', () => {
    for (const protocol of protocols) {
      expect(protocolById(protocol.id)).toBe(protocol);
      expect(protocolByName(protocol.name)).toBe(protocol);
    }
    expect(protocolById(0)).toBeNull();
    expect(protocolByName('')).toBeNull();
  });

  // What is only ever dissected has no hub: see payloads.test.ts.
  it('has every folder that is a protocol, and each folder has the same files', () => {
    const folders = readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/hub.ts`, FOLDER)))
      .map(({ name }) => name);
    expect(folders.sort()).toEqual(protocols.map(({ name }) => name).sort());
    for (const folder of folders)
      expect(readdirSync(new URL(folder, FOLDER))).toEqual(expect.arrayContaining(FILES));
  });
});

describe('common reasons', () => {
  it('have a name and a text for each code', () => {
    expectReasons(commonFaults);
    expectReasons(outcomes);
    expect(Object.values(CommonFault)).toEqual(commonFaults.map((_, code) => code));
    expect(Object.values(Outcome)).toEqual(outcomes.map((_, code) => code));
  });

  it('leave room before the reasons of a protocol', () => {
    expect(commonFaults.length).toBeLessThanOrEqual(FAULTS_OWN);
  });
});

describe.each([...protocols, scribe])('$name', (protocol) => {
  const { frames } = protocol;

  it('has an id, a name, a title, a revision, a port and a limit', () => {
    expect(protocol.id).toBeGreaterThan(0);
    expect(protocol.name).toMatch(NAME);
    expect(protocol.title).not.toBe('');
    expect(protocol.revision).toBeGreaterThan(0);
    expect(protocol.port).toBeGreaterThan(0);
    expect(protocol.port).toBeLessThan(65_536);
    expect(protocol.outboxBytesMax).toBeGreaterThan(0);
  });

  it('can be listened for', () => {
    expect(protocol.transports).toContain('tcp');
    expectUnique(protocol.transports);
    expect(protocol.framing.datagram !== undefined).toBe(protocol.transports.includes('udp'));
    if (protocol.isProxy) expect(protocol.isOptional).toBe(true);
    expect(protocol.noReplay ?? 'because').toMatch(/^\S.*[^.\s]$/);
  });

  it('announces bytes of a kind that comes in pieces', () => {
    for (const { announces, fields } of frames) {
      if (announces === undefined) continue;
      expect(frames[announces.kind]?.pieces).toBe(true);
      expect(fields.find(({ name }) => name === announces.field)?.type).toMatch(/decimal|u8|u16|u32/);
      expect(protocol.framing.announced).toBeDefined();
    }
  });

  it('names its faults, and does not use a name that all share', () => {
    expectReasons(protocol.faults);
    expectUnique([...commonFaults, ...protocol.faults].map(({ name }) => name));
  });

  it('has each kind of frame once', () => {
    expectUnique(frames.map(({ name }) => name));
    for (const { name } of frames) expect(name).toMatch(NAME);
    // One number, and one name, are taken for what is no frame.
    expect(frames.length).toBeLessThanOrEqual(UNFRAMED);
    expect(frames.map(({ name }) => name)).not.toContain(unframed.name);
  });

  it('has kinds that can all come up, each way', () => {
    const found = [
      ...places(protocol).flatMap(({ mode, direction }) => kindsIn(protocol, mode, direction)),
      ...frames.flatMap(({ announces }) => announces?.kind ?? []),
    ];
    expect([...new Set(found)].sort((x, y) => x - y)).toEqual(frames.map((_, kind) => kind));
  });

  it('has one kind at most for any bytes under one mode', () => {
    for (const { mode, direction } of places(protocol)) {
      const kinds = kindsIn(protocol, mode, direction).map((kind) => frames[kind]!);
      if (kinds.length < 2) continue;
      for (const [i, one] of kinds.entries())
        for (const other of kinds.slice(i + 1)) expect(areToldApart(one, other)).toBe(true);
    }
  });

  it('turns what it forwards into a kind of the other direction, with the same fields', () => {
    for (const { becomes, direction, fields } of frames) {
      if (becomes === undefined) continue;
      expect(direction).toBe(Direction.toRelay);
      expect(frames[becomes]?.direction).toBe(Direction.toPeer);
      expect(frames[becomes]?.fields.map(({ name, size }) => [name, size])).toEqual(
        fields.map(({ name, size }) => [name, size]),
      );
    }
  });

  it('says of a port whose it is by an address before it in the same frame', () => {
    for (const { fields } of frames) {
      for (const [i, { portOf, type }] of fields.entries()) {
        if (portOf === undefined) continue;
        expect(isInteger(type)).toBe(true);
        expect(fields.slice(0, i).find(({ name }) => name === portOf)?.type).toBe('mac');
      }
      expectUnique(fields.flatMap(({ portOf }) => portOf ?? []));
    }
  });

  it('has numbers of the relay’s own making, and what it gives, in frames of the relay’s own alone', () => {
    const passedOn = new Set(frames.map(({ becomes }) => becomes));
    for (const [kind, { fields, direction }] of frames.entries()) {
      const handles = flatSpecs(fields).filter(({ handle }) => handle !== undefined);
      // What is given, or is a number, nobody else says.
      if (!handles.some(({ handle, type }) => handle === 'given' || isInteger(type))) continue;
      expect(direction).toBe(Direction.toPeer);
      expect(passedOn).not.toContain(kind);
    }
    for (const { handle, type } of frames.flatMap(({ fields }) => flatSpecs(fields)))
      if (handle !== undefined) expect(isInteger(type) || type === 'utf8' || type === 'escaped').toBe(true);
  });

  it('goes from each frame to a rule under which something can come', () => {
    for (const { then, direction } of frames) {
      if (then?.toRelay !== undefined) {
        expect(direction).toBe(Direction.toRelay);
        expect(modes(protocol, Direction.toRelay)).toContain(then.toRelay);
        expect(kindsIn(protocol, then.toRelay, Direction.toRelay)).not.toEqual([]);
      }
      if (then?.toPeer !== undefined) {
        expect(modes(protocol, Direction.toPeer)).toContain(then.toPeer);
        expect(kindsIn(protocol, then.toPeer, Direction.toPeer)).not.toEqual([]);
      }
    }
  });

  it('lets people name the values of one field at most, which is a number', () => {
    const named = frames.flatMap(({ fields }) => fields.filter(({ isNamed }) => isNamed === true));
    const all = frames.flatMap(({ fields }) => flatSpecs(fields).filter(({ isNamed }) => isNamed === true));
    expect(all).toEqual(named);
    expect(new Set(named.map(({ name }) => name)).size).toBeLessThanOrEqual(1);
    expect(named.filter(({ type }) => !isInteger(type))).toEqual([]);
    expect(namedField(protocol)).toBe(named[0]?.name ?? null);
  });

  it('has no frame that the recorder cannot take', () => {
    for (const { pieces, bytesMax } of frames)
      if (!pieces) expect(bytesMax).toBeLessThanOrEqual(FRAME_BYTES_MAX);
  });

  it('has no frame that does not fit into an empty outbox', () => {
    for (const { pieces, bytesMax, direction } of frames) {
      if (!pieces && direction === Direction.toPeer)
        expect(bytesMax).toBeLessThanOrEqual(protocol.outboxBytesMax);
    }
  });

  it.each(frames.map((spec) => [spec.name, spec] as const))('%s has a layout that adds up', (_, spec) => {
    const { fields, bytesMin, bytesMax } = spec;
    expectUnique(flatSpecs(fields).map(({ name }) => name));
    const fixed = fields.reduce((sum, field) => sum + leastBytes(field), 0);
    const varies = fields.some(({ size }) => typeof size !== 'number');
    if (fields.some(({ inside }) => inside !== undefined)) expect(bytesMin).toBeGreaterThanOrEqual(fixed);
    else expect(bytesMin).toBe(spec.pieces ? 1 : fixed);
    if (varies) expect(bytesMax).toBeGreaterThan(bytesMin);
    else expect(bytesMax).toBe(bytesMin);
    for (const [i, field] of fields.entries()) {
      const { size, always, type, countsRest } = field;
      if (always !== undefined)
        expect(typeof always === 'number').toBe(isInteger(type) || type === 'decimal');
      if (countsRest) expect(isInteger(type) || type === 'decimal').toBe(true);
      if (size === 'rest') expect(i).toBe(fields.length - 1);
      const counts = counterOf(field);
      if (counts === null) continue;
      const counter = fields.findIndex(({ name }) => name === counts.from);
      expect(counter).toBeGreaterThanOrEqual(0);
      expect(counter).toBeLessThan(i);
      expect(isInteger(fields[counter]!.type)).toBe(true);
    }
  });
});
