/** The way through a session's frames that folds them. */
import type { Connections } from '../../../analysis/connections.ts';
import type { Filter } from '../../../analysis/filter/compile.ts';
import { meaningOf } from '../../../analysis/frame-meaning.ts';
import type { FrameHead } from '../../../recorder/frame-pages.ts';
import type { Facts } from './facts.ts';
import { headLook, type HuntReader } from './hunts.ts';
import { Runs } from './runs.ts';
import type { Hunt } from './search.ts';

/** Frames that are read whole at a time. */
const WHOLE_AT_ONCE = 500;

/** What it says has no payload in it. */
const NO_READINGS = { read: () => null };

export function runHunt(
  reader: HuntReader,
  facts: Facts,
  filter: Filter | null,
  connections: Connections,
): Hunt<Runs> {
  const rows = new Runs();
  const look = headLook(reader, facts, filter, connections);
  let { after: through } = facts;
  return {
    rows,
    get through() {
      return through;
    },
    look(count) {
      const looked = look(count);
      const sayings = sayingsOf(reader, facts, looked.found, connections);
      for (const head of looked.found) rows.add(head, sayings.get(head.sequence) ?? '');
      through = looked.through;
    },
  };
}

/** By sequence number, what those say that are meant for the relay, or come from it. */
function sayingsOf(
  reader: HuntReader,
  { session: { captureId } }: Facts,
  heads: readonly FrameHead[],
  connections: Connections,
): ReadonlyMap<number, string> {
  const sayings = new Map<number, string>();
  const telling = heads.filter((head) => isForRelay(head, connections)).map(({ sequence }) => sequence);
  for (let at = 0; at < telling.length; at += WHOLE_AT_ONCE) {
    for (const frame of reader.framesAt(captureId, telling.slice(at, at + WHOLE_AT_ONCE))) {
      sayings.set(frame.sequence, meaningOf(frame, (conn) => connections.get(conn), NO_READINGS).summary);
    }
  }
  return sayings;
}

function isForRelay({ from, to, kind }: FrameHead, connections: Connections): boolean {
  const protocol = (connections.get(from) ?? connections.get(to))?.protocol ?? null;
  return protocol?.frames[kind]?.forRelay === true;
}
