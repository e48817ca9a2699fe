/** The file of virtual IP addresses: what is in it, what is refused as one, and who may have it. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../common/failure.ts';
import { openCapture } from '../../../recorder/open.ts';
import {
  type Given,
  VirtualIpStore,
  virtualIpsId,
  virtualIpsKind,
} from '../../../recorder/virtual-ips/store.ts';
import { temporaryFolder } from '../../kit/capture-file.ts';

const GIVEN: readonly Given[] = [
  ['192.0.2.1', '12.34.56.78'],
  ['2001:db8::1', '1.2.3.4'],
  ['192.0.2.1', '1.2.3.5'],
];

function file(): string {
  return join(temporaryFolder(), 'alphanet.db');
}

function failure(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('what was written', () => {
  it('is there again in its order, and what is new comes after it', () => {
    const name = file();
    const store = VirtualIpStore.open(name);
    expect(store.all()).toEqual([]);
    store.write(GIVEN.slice(0, 2));
    store.close();
    const again = VirtualIpStore.open(name);
    again.write(GIVEN.slice(2));
    expect(again.all()).toEqual(GIVEN);
    again.close();
  });

  it('says which program it belongs to, and of which format it is', () => {
    const name = file();
    VirtualIpStore.open(name).close();
    const db = new Database(name, { readonly: true });
    expect(db.pragma('application_id', { simple: true })).toBe(virtualIpsId);
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    db.close();
  });

  it('has no address twice, and nothing of what came with one', () => {
    const store = VirtualIpStore.open(file());
    store.write(GIVEN.slice(0, 1));
    expect(() => store.write([GIVEN[1]!, ['192.0.2.9', '12.34.56.78']])).toThrow(/UNIQUE/);
    expect(store.all()).toEqual(GIVEN.slice(0, 1));
    store.close();
  });
});

describe('refused in one line', () => {
  it('is a file that another relay has', () => {
    const name = file();
    const store = VirtualIpStore.open(name);
    const { code, message } = failure(() => VirtualIpStore.open(name));
    expect([code, message]).toEqual([
      'in-use',
      `${name} is being written to by another program (another relay that gives addresses from it)`,
    ]);
    store.close();
    VirtualIpStore.open(name).close();
  });

  it('is what is no database', () => {
    const name = file();
    writeFileSync(name, 'hello\n'.repeat(100));
    const { code, message } = failure(() => VirtualIpStore.open(name));
    expect([code, message]).toEqual([
      'not-virtual-ips',
      `${name} is not a file of virtual IP addresses: it is not a database`,
    ]);
  });

  it('is a capture, and as a capture a file of virtual IP addresses', () => {
    const capture = file();
    openCapture(capture, { write: true }).close();
    expect(failure(() => VirtualIpStore.open(capture)).code).toBe('not-virtual-ips');
    const own = file();
    VirtualIpStore.open(own).close();
    expect(failure(() => openCapture(own, { write: true })).code).toBe('not-a-capture');
  });

  it('is a file of a newer format', () => {
    const newer = join(temporaryFolder(), 'migrations');
    mkdirSync(newer);
    cpSync(virtualIpsKind().migrations, newer, { recursive: true });
    writeFileSync(join(newer, '0002_more.sql'), 'CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;');
    const name = file();
    VirtualIpStore.open(name, virtualIpsKind(pathToFileURL(`${newer}/`))).close();
    const { code, message } = failure(() => VirtualIpStore.open(name));
    expect([code, message]).toEqual([
      'newer-format',
      `${name} was written by a newer version: it is of format 2, and this version knows formats up to 1`,
    ]);
  });

  it('is a folder, and a file in a folder that does not exist', () => {
    const folder = temporaryFolder();
    expect(failure(() => VirtualIpStore.open(folder)).code).toBe('not-virtual-ips');
    expect(failure(() => VirtualIpStore.open(join(folder, 'none', 'a.db'))).code).toBe('cannot-open');
  });
});
