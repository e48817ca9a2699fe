/**
 * Finds in a recording of a whole play the frames that a mutant broke when the play was replayed against it.
 *
 * The rule: a mutant knows a frame by its place in its conversation. What came before a session may have been
 * replayed or not, so that both ways to count are followed, and what is not the same frame is left out.
 */
import { Connections } from '../../analysis/connections.ts';
import type { FieldSpec } from '../../protocol/types.ts';
import type { CaptureFile } from '../../recorder/captures.ts';
import { Cast } from '../../replay/cast.ts';
import { unitOf } from '../../replay/recorded.ts';
import type { Unit } from '../../replay/types.ts';
import type { Damage } from './breaking-hub.ts';
import { sameBytes } from './bytes.ts';

/** Sequence numbers, both included: one frame, or as much as may be said to be where a connection ended. */
export interface Place {
  readonly first: number;
  readonly last: number;
}

/** Where a difference of the damage's class may be said to be. Empty where nothing of the kind was recorded. */
export function placesOf(damage: Damage, file: CaptureFile, sessionId: number): readonly Place[] {
  const { class: what, index, end } = damage;
  const all = unitsOf(damage, file, sessionId);
  const { firstSequence } = file.session(sessionId);
  const counts = [all, all.filter(({ sequence }) => sequence >= firstSequence)];
  if (end !== null) {
    const ends = endsOf(end, file, sessionId);
    if (what === 'closed-late') return ends.map((last) => ({ first: last, last }));
    // From the last frame that went its way, to where it should have ended.
    const from = counts[0]?.[index]?.sequence ?? Infinity;
    return ends.filter((last) => last >= from).map((last) => ({ first: from, last }));
  }
  // What is wrong from a block on may be so from the end of the one before it.
  if (damage.bytes === null)
    return counts.flatMap((units) => {
      const [first, last] = [units[index - 1], units[index]].map((unit) => unit?.sequence);
      return last === undefined ? [] : [{ first: first ?? last, last }];
    });
  // An extra one stands behind the last of its conversation that came before it.
  const found =
    what === 'extra'
      ? counts.map((units) => units[index - 1]?.sequence ?? 0)
      : counts.flatMap((units) => {
          const unit = units[index];
          return unit !== undefined && isSame(unit, damage) ? [unit.sequence] : [];
        });
  return [...new Set(found)].map((sequence) => ({ first: sequence, last: sequence }));
}

/** All of the conversation that the damage was done to. */
function unitsOf({ protocol, from, to, kind }: Damage, file: CaptureFile, sessionId: number): Unit[] {
  const session = file.session(sessionId);
  const cast = new Cast(session.players);
  const connections = new Connections(file, session.captureId);
  const units: Unit[] = [];
  for (const frame of file.frames(session.captureId)) {
    const [source, target] = [connections.get(frame.from), connections.get(frame.to)];
    const conversation = cast.ofHop(frame, source, target);
    if (conversation?.protocol.id !== protocol.id || conversation.to.endpoint !== to) continue;
    if (conversation.from.endpoint !== from || conversation.kind !== (from === '' ? null : kind)) continue;
    units.push(unitOf(frame, source, target));
  }
  return units;
}

/** But for what another run of the same relay may say differently. */
function isSame(unit: Unit, { protocol, kind, bytes }: Damage): boolean {
  if (bytes === null) return unit.kind === kind;
  if (unit.kind !== kind || unit.bytes.length !== bytes.length) return false;
  const fields = protocol.frames[kind]?.fields ?? [];
  return sameBytes(essence(fields, unit.bytes), essence(fields, bytes));
}

function essence(fields: readonly FieldSpec[], bytes: Uint8Array): Uint8Array {
  // Not `slice`, which lends where the bytes are a Buffer.
  const essential = Uint8Array.from(bytes);
  let at = 0;
  for (const { size, type, handle } of fields) {
    if (typeof size !== 'number') break;
    if (type === 'padding' || handle === true) essential.fill(0, at, at + size);
    at += size;
  }
  return essential;
}

/** The last frame of the session before each end of such a connection. */
function endsOf(end: Damage['end'] & object, file: CaptureFile, sessionId: number): number[] {
  const session = file.session(sessionId);
  const ends: number[] = [];
  for (const { conn } of session.players.flatMap(({ connections }) => connections)) {
    const connection = file.connection(session.captureId, conn);
    if (connection?.endpoint !== end.endpoint || connection.role !== end.role) continue;
    let last = 0;
    for (const { sequence, arrived } of file.sessionFrames(session))
      if (arrived <= (connection.closed ?? Infinity)) last = sequence;
    ends.push(last);
  }
  return ends.sort((a, b) => a - b);
}
