import { beforeEach, describe, expect, it } from 'vitest';
import { Connections, CONNECTIONS_KEPT_MAX } from '../../analysis/connections.ts';
import { compileFilter } from '../../analysis/filter/compile.ts';
import { FilteredFrames, filteredFrames, type SearchOptions } from '../../analysis/filtered-frames.ts';
import { CaptureFile, type RecordedConnection } from '../../recorder/captures.ts';
import type { CaptureStore } from '../../recorder/store.ts';
import { openStore, protocol, record, temporaryFile, transaction } from '../kit/capture-file.ts';
import { hello, macs, pdp, say, toyLanguage } from '../kit/filters.ts';

let file: string;
beforeEach(() => {
  file = temporaryFile();
});

const compile = (text: string) => compileFilter(text, toyLanguage);

function meet(store: CaptureStore): void {
  for (const conn of [1, 2]) {
    store.opened(conn, protocol.id, '192.0.2.1', 4000 + conn, conn);
    store.identified(conn, 'pdp', `${macs[conn - 1]!}/1`, '', Buffer.alloc(0));
  }
}

/** Every thousandth is two bytes, all others are one. */
function talk(store: CaptureStore, first: number, last: number): void {
  for (let sequence = first; sequence <= last; sequence++) {
    const payload = Buffer.alloc(sequence % 1000 === 0 ? 2 : 1, 7);
    store.frame(sequence, sequence, null, 1, 2, 4, 0, pdp(macs[1], 1, payload));
  }
}

function reading<T>(use: (reader: CaptureFile) => T): T {
  const reader = CaptureFile.open(file);
  try {
    return use(reader);
  } finally {
    reader.close();
  }
}

describe('frames that pass a filter', () => {
  it.each(['size == 16', 'payload.size == 2'])('are found in large captures, with progress: %s', (text) => {
    record(file, (store) => {
      meet(store);
      talk(store, 1, 45_000);
    });
    reading((reader) => {
      const progress: number[] = [];
      const found = filteredFrames(reader, 1, compile(text), {}, (through) => progress.push(through));
      const sequences = [...found].map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: 45 }, (_, i) => (i + 1) * 1000));
      expect(progress.length).toBeGreaterThanOrEqual(3);
      expect(progress).toEqual(progress.toSorted((one, other) => one - other));
      expect(progress.at(-1)).toBe(45_000);
    });
  });

  it('of a capture that grows are found by one search, which looks at each frame once', () => {
    const store = openStore(file);
    transaction(store, (it) => {
      meet(it);
      talk(it, 1, 1500);
    });
    reading((reader) => {
      const search = new FilteredFrames(reader, 1, compile('size == 16'));
      const look = () => {
        const { frames, more } = search.look(Infinity);
        return [frames.map(({ sequence }) => sequence), search.through, more];
      };
      expect(look()).toEqual([[1000], 1500, false]);
      expect(look()).toEqual([[], 1500, false]);
      transaction(store, (it) => talk(it, 1501, 2000));
      expect(look()).toEqual([[2000], 2000, false]);
    });
  });

  it('are as many as were asked for, and the next look goes on behind the last', () => {
    record(file, (store) => {
      meet(store);
      talk(store, 1, 5000);
    });
    reading((reader) => {
      for (const text of ['size == 16', 'payload.size == 2']) {
        const search = new FilteredFrames(reader, 1, compile(text));
        const found: number[] = [];
        for (let more = true; more;) {
          const look = search.look(2);
          expect(look.frames.length).toBeLessThanOrEqual(2);
          found.push(...look.frames.map(({ sequence }) => sequence));
          more = look.more;
        }
        expect(found, text).toEqual([1000, 2000, 3000, 4000, 5000]);
      }
    });
  });

  it('are not left out where many pass in one look', () => {
    record(file, (store) => {
      meet(store);
      talk(store, 1, 50);
    });
    reading((reader) => {
      const search = new FilteredFrames(reader, 1, compile('payload.size == 1'));
      const found: number[] = [];
      for (let more = true; more;) {
        const look = search.look(3);
        found.push(...look.frames.map(({ sequence }) => sequence));
        more = look.more;
      }
      expect(found).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    });
  });

  it('are judged by who their connections have become', () => {
    const store = openStore(file);
    const frame = (sequence: number) =>
      store.frame(sequence, 1, null, 1, 0, 4, 3, pdp(macs[1], 1, Buffer.from('x')));
    transaction(store, () => {
      store.opened(1, protocol.id, '192.0.2.1', 4001, 1);
      frame(1);
    });
    reading((reader) => {
      const ofHer = new FilteredFrames(reader, 1, compile(`from == ${macs[0]} && payload contains "x"`));
      // SQL lets all of these through.
      const ofOthers = new FilteredFrames(
        reader,
        1,
        compile(`!(from == ${macs[0]} && payload contains "x")`),
      );
      const found = (search: FilteredFrames) => search.look(Infinity).frames.map(({ sequence }) => sequence);
      expect([found(ofHer), found(ofOthers)]).toEqual([[], [1]]);
      transaction(store, () => {
        store.identified(1, 'pdp', `${macs[0]}/1`, '', Buffer.alloc(0));
        frame(2);
      });
      expect([found(ofHer), found(ofOthers)]).toEqual([[2], []]);
    });
  });

  it('of a protocol inside payloads are found by how their conversation began, wherever reading starts', () => {
    record(file, (store) => {
      meet(store);
      store.frame(1, 1, null, 1, 2, 4, 0, pdp(macs[1], 1, hello));
      store.frame(2, 2, null, 2, 1, 4, 0, pdp(macs[0], 1, say('hi')));
      // What does not match is read all the same, since it begins a conversation.
      store.frame(3, 3, null, 1, 0, 4, 3, pdp(macs[2], 1, say('no')));
      store.frame(4, 4, null, 1, 2, 4, 0, pdp(macs[1], 1, say('ho')));
    });
    reading((reader) => {
      const found = (text: string, after: number) =>
        [...filteredFrames(reader, 1, compile(text), { after })].map(({ sequence }) => sequence);
      expect(found('toy.opcode == SAY', 0)).toEqual([2, 4]);
      expect(found('toy.opcode == SAY', 3)).toEqual([4]);
      expect(found('toy.opcode == SAY && sequence == 4', 0)).toEqual([4]);
      expect(found('sequence == 3 && !(toy.opcode == SAY)', 0)).toEqual([3]);
    });
  });
});

describe('frames of a session that pass a filter', () => {
  it('are those of its players, and what is inside payloads is told by theirs', () => {
    record(file, (store) => {
      for (const conn of [1, 2, 3, 4]) {
        store.opened(conn, protocol.id, '192.0.2.1', 4000 + conn, conn);
        store.identified(conn, 'pdp', `02:00:00:00:00:0${conn}/1`, '', Buffer.alloc(0));
      }
      // Two pairs, in turns.
      for (let sequence = 1; sequence <= 8; sequence += 1) {
        const [from, to] = sequence % 2 === 1 ? [1, 2] : [3, 4];
        const payload = sequence <= 2 ? hello : say('hi');
        store.frame(sequence, sequence, null, from, to, 4, 0, pdp(`02:00:00:00:00:0${to}`, 1, payload));
      }
      for (const conn of [1, 2, 3, 4]) store.closed(conn, 0, 100 + conn);
    });
    reading((reader) => {
      const [first, second] = reader.sessions(1);
      expect([first?.frames, second?.frames]).toEqual([4, 4]);
      const found = (text: string, options: SearchOptions) =>
        [...filteredFrames(reader, 1, compile(text), options)].map(({ sequence }) => sequence);
      for (const text of ['toy.opcode == SAY', 'sequence > 2', 'payload contains "hi"']) {
        expect(found(text, { session: first! }), text).toEqual([3, 5, 7]);
        expect(found(text, { session: second! }), text).toEqual([4, 6, 8]);
        expect(found(text, { session: second!, after: 4 }), text).toEqual([6, 8]);
      }
    });
  });
});

describe('connections that are looked up', () => {
  const known = (conn: number) => ({ conn, role: 'pdp', closed: null }) as RecordedConnection;

  it('are asked for once, as long as they have said who they are', () => {
    const asked: number[] = [];
    const roles: (string | null)[] = [null, 'pdp'];
    const reader = {
      connection(_: number, conn: number) {
        asked.push(conn);
        return { ...known(conn), role: roles.shift() ?? null };
      },
    };
    const connections = new Connections(reader, 1);
    expect(connections.get(0)).toBeNull();
    expect(connections.get(1)?.role).toBeNull();
    expect(connections.get(1)?.role).toBeNull();
    connections.forgetUnfinished();
    expect(connections.get(1)?.role).toBe('pdp');
    connections.forgetUnfinished();
    expect(connections.get(1)?.role).toBe('pdp');
    expect(asked).toEqual([1, 1]);
  });

  it('are remembered up to a limit', () => {
    let asked = 0;
    const connections = new Connections({ connection: (_, conn) => (asked++, known(conn)) }, 1);
    for (let conn = 1; conn <= CONNECTIONS_KEPT_MAX + 1; conn++) connections.get(conn);
    connections.get(CONNECTIONS_KEPT_MAX + 1);
    expect(asked).toBe(CONNECTIONS_KEPT_MAX + 1);
    connections.get(1);
    expect(asked).toBe(CONNECTIONS_KEPT_MAX + 2);
  });
});
