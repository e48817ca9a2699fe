/** What every protocol says about itself is complete and fits together. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commonFaults, CommonFault, FAULTS_OWN } from '../../protocol/fault.ts';
import { UNFRAMED, unframed } from '../../protocol/kind.ts';
import { Outcome, outcomes } from '../../protocol/outcome.ts';
import { protocolById, protocolByName, protocols } from '../../protocol/registry.ts';
import { Direction, type FaultSpec } from '../../protocol/types.ts';
import { FRAME_BYTES_MAX } from '../../recorder/slab.ts';
import { isInteger, kindsIn, modes, places } from '../kit/generate.ts';

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

describe.each(protocols)('$name', (protocol) => {
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
    const found = places(protocol).flatMap(({ mode, direction }) => kindsIn(protocol, mode, direction));
    expect([...new Set(found)].sort((x, y) => x - y)).toEqual(frames.map((_, kind) => kind));
  });

  it('has one kind at most for any bytes under one mode', () => {
    for (const { mode, direction } of places(protocol)) {
      const kinds = kindsIn(protocol, mode, direction).map((kind) => frames[kind]!);
      if (kinds.length < 2) continue;
      // Kinds that share a mode are told apart by a field that is always the same.
      const signs = kinds.map(({ fields }) => fields.flatMap(({ always }) => always ?? []).join());
      expectUnique(signs);
      expect(signs).not.toContain('');
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

  it('has numbers of the relay’s own making in frames of the relay’s own alone', () => {
    const passedOn = new Set(frames.map(({ becomes }) => becomes));
    for (const [kind, { fields, direction }] of frames.entries()) {
      if (!fields.some(({ handle }) => handle === true)) continue;
      expect(direction).toBe(Direction.toPeer);
      expect(passedOn).not.toContain(kind);
    }
    for (const { handle, type } of frames.flatMap(({ fields }) => fields))
      if (handle === true) expect(isInteger(type)).toBe(true);
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
    expectUnique(fields.map(({ name }) => name));
    const fixed = fields.reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0);
    const varies = fields.some(({ size }) => typeof size !== 'number');
    expect(bytesMin).toBe(spec.pieces ? 1 : fixed);
    if (varies) expect(bytesMax).toBeGreaterThan(bytesMin);
    else expect(bytesMax).toBe(bytesMin);
    for (const [i, { size, always, type }] of fields.entries()) {
      if (always !== undefined) expect(isInteger(type)).toBe(true);
      if (size === 'rest') expect(i).toBe(fields.length - 1);
      if (typeof size !== 'object') continue;
      const counter = fields.findIndex(({ name }) => name === size.from);
      expect(counter).toBeGreaterThanOrEqual(0);
      expect(counter).toBeLessThan(i);
      expect(isInteger(fields[counter]!.type)).toBe(true);
    }
  });
});
