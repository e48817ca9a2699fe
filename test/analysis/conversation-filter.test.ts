/** Each conversation has a filter that lets its frames through, and no other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNS_MAX } from '../../analysis/conversation-filter.ts';
import { ConversationObserver } from '../../analysis/conversations.ts';
import { compileFilter } from '../../analysis/filter/compile.ts';
import { filteredFrames } from '../../analysis/filtered-frames.ts';
import { see } from '../../analysis/observe.ts';
import { PayloadReader } from '../../protocol/payload.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { CaptureStore } from '../../recorder/store.ts';
import { protocol, record, temporaryFile } from '../kit/capture-file.ts';
import { pdp, recordings } from '../kit/filters.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

/** By conversation: its filter, the frames that are in it, and those that its filter lets through. */
function conversationsOf(steps: (store: CaptureStore) => void) {
  const file = temporaryFile();
  record(file, steps);
  const reader = CaptureFile.open(file);
  try {
    const connections = reader.connections(1);
    const observer = new ConversationObserver({ gaps: [] });
    const payloads = new PayloadReader();
    // What each frame adds to tells which conversation it is in.
    const members: number[][] = [];
    let before: number[] = [];
    for (const frame of reader.frames(1)) {
      observer.frame(see(connections, frame, payloads));
      const counts = observer.end().list.map(({ ways }) => ways.reduce((sum, { frames }) => sum + frames, 0));
      const at = counts.findIndex((count, i) => count !== (before[i] ?? 0));
      if (at !== -1) (members[at] ??= []).push(frame.sequence);
      before = counts;
    }
    return observer.end().list.map(({ filter, ways }, i) => ({
      filter,
      ways,
      frames: members[i],
      passed: Array.from(filteredFrames(reader, 1, compileFilter(filter)), ({ sequence }) => sequence),
    }));
  } finally {
    reader.close();
  }
}

describe('the filter of a conversation', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  it('lets exactly its frames through, whatever was recorded', () => {
    let seen = 0;
    fc.assert(
      fc.property(recordings(20), (recording) => {
        for (const { filter, frames, passed } of conversationsOf(recording)) {
          expect({ filter, frames: passed }).toEqual({ filter, frames });
          seen++;
        }
      }),
      runs(60),
    );
    expect(seen).toBeGreaterThan(100);
  });

  const meet = (store: CaptureStore, ...endpoints: string[]) => {
    for (const [i, endpoint] of endpoints.entries()) {
      store.opened(i + 1, protocol.id, '192.0.2.1', 4000 + i, i);
      if (endpoint !== '') store.identified(i + 1, 'pdp', endpoint, '', new Uint8Array(0));
    }
  };
  const [ann, bob] = ['02:00:00:00:00:01/1', '02:00:00:00:00:02/1'];

  it('is written by endpoints, with what was lost on the way', () => {
    const [{ filter, frames, passed } = { filter: '', frames: [], passed: [] }] = conversationsOf((store) => {
      meet(store, ann, bob);
      const datagram = pdp('02:00:00:00:00:02', 1, Buffer.from('hi'));
      store.frame(1, 1, null, 1, 2, 4, 0, datagram);
      store.frame(2, 2, null, 1, 0, 4, 3, datagram);
    });
    expect(filter).toBe(
      'protocol == postoffice && kind == pdp && size >= 14 && from == 02:00:00:00:00:01/1 && ' +
        '((to == 02:00:00:00:00:02/1) || (to == relay && postoffice.addr == 02:00:00:00:00:02 && postoffice.port == 1))',
    );
    expect([frames, passed]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('names connections where an endpoint would mean more than one', () => {
    const [{ filter } = { filter: '' }] = conversationsOf((store) => {
      meet(store, 'lumi', '');
      store.frame(1, 1, null, 1, 2, 4, 0, pdp('02:00:00:00:00:02', 1, Buffer.from('hi')));
    });
    expect(filter).toBe(
      'protocol == postoffice && kind == pdp && size >= 14 && from.conn == 1 && to.conn == 2',
    );
  });

  it('names so many connections at most', () => {
    const count = CONNS_MAX + 20;
    const [{ filter, passed } = { filter: '', passed: [] }] = conversationsOf((store) => {
      meet(store, ann, ...new Array<string>(count).fill('lumi'));
      for (let i = 1; i <= count; i++)
        store.frame(i, i, null, 1, i + 1, 4, 0, pdp('02:00:00:00:00:02', 1, Buffer.from('hi')));
    });
    expect(() => compileFilter(filter)).not.toThrow();
    expect(passed).toHaveLength(CONNS_MAX);
  });
});
