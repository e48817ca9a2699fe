/**
 * The file of virtual IP addresses: an SQLite database of its own, with one row for each that was given away.
 *
 * The rule: one relay has it at a time, a row is never changed, and no address is in it twice.
 */
import type { Database } from 'better-sqlite3';
import { acquireLock, type Lock } from '../lock.ts';
import { type FileKind, openOther } from '../open.ts';

/** Who has it, and what was given to them. */
export type Given = readonly [realIp: string, virtualIp: string];

/** PRAGMA application_id: "PRVI". */
export const virtualIpsId = 0x50525649;

/** `migrations`, for tests: those of another version. */
export function virtualIpsKind(
  migrations = new URL('../../migrations/alphanet/', import.meta.url),
): FileKind {
  return {
    applicationId: virtualIpsId,
    migrations,
    noun: 'a file of virtual IP addresses',
    notOne: 'not-virtual-ips',
  };
}

export class VirtualIpStore {
  readonly #db: Database;
  readonly #lock: Lock;
  readonly #write: (given: readonly Given[]) => void;

  /**
   * Creates the file where it is missing or empty. Failure codes: `in-use`, `not-virtual-ips`, `newer-format`, `damaged`,
   * `read-only`, `cannot-open`.
   */
  static open(file: string, kind: FileKind = virtualIpsKind()): VirtualIpStore {
    const lock = acquireLock(file, () => 'another relay that gives addresses from it');
    try {
      return new VirtualIpStore(openOther(file, kind), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(db: Database, lock: Lock) {
    this.#db = db;
    this.#lock = lock;
    const insert = db.prepare('INSERT INTO virtual_ip (real_ip, virtual_ip) VALUES (?, ?)');
    this.#write = db.transaction((given: readonly Given[]) => {
      for (const each of given) insert.run(...each);
    });
  }

  /** All of them, in the order in which they were given. */
  all(): readonly Given[] {
    return this.#db.prepare('SELECT real_ip, virtual_ip FROM virtual_ip ORDER BY id').raw().all() as Given[];
  }

  /** All of these or none. Throws what SQLite throws. */
  write(given: readonly Given[]): void {
    this.#write(given);
  }

  close(): void {
    this.#db.close();
    this.#lock.release();
  }
}
