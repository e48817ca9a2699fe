/** What ends a connection, when the relay is the one who ends it. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../../protocol/registry.ts';
import type { RecordedConnection } from '../../../recorder/captures.ts';
import { RecentDeeds, TURN_MS } from '../../../replay/script/causes.ts';
import { EndStep, type ScriptedClient, SendStep } from '../../../replay/script/steps.ts';

const NANOS_PER_MILLI = 1e6;

function client(conn: number, endpoint: string, toward = '', openedMs = 0): ScriptedClient {
  const party = { conn, endpoint, toward, opened: openedMs * NANOS_PER_MILLI } as RecordedConnection;
  return { conn, protocol: protocols[0]!, party, player: { name: endpoint.slice(0, 1) } };
}

const end = (of: ScriptedClient, at: number) => new EndStep(of, 0, at, false);
const send = (of: ScriptedClient, at: number) =>
  new SendStep(of, 0, at, 0, new Uint8Array(), 0, false, false);

function causeOfEnd(of: ScriptedClient, at: number, deeds: readonly (EndStep | SendStep)[]) {
  const recent = new RecentDeeds();
  for (const deed of deeds) recent.add(deed);
  return recent.causeOfEnd(of, at);
}

describe('an end by the relay follows', () => {
  const caller = client(1, 'A/1', 'B/1');
  const called = client(2, 'B/1', 'A/1');
  const other = client(3, 'A/2');

  test('from the end of the other half of its pair, however slow its client was to take its last bytes', () => {
    const ended = end(caller, 100);
    expect(causeOfEnd(called, 100, [ended])).toBe(ended);
    // Somebody else left meanwhile, nearer in time.
    expect(causeOfEnd(called, 100 + 10 * TURN_MS, [ended, end(other, 100 + 10 * TURN_MS)])).toBe(ended);
    const talk = Array.from({ length: 1000 }, (_, i) => send(other, 101 + i));
    expect(causeOfEnd(called, 1200, [ended, ...talk])).toBe(ended);
  });

  test('from no end of an earlier pair of the same two', () => {
    const again = client(4, 'B/1', 'A/1', 150);
    expect(causeOfEnd(again, 200, [end(caller, 100)])).toBeNull();
  });

  test('from whoever took its address, before others who did something in that turn', () => {
    const taken = send(client(5, 'A/2'), 100);
    expect(causeOfEnd(other, 101, [taken, send(called, 100), send(other, 101)])).toBe(taken);
  });

  test('from nobody, where nobody did anything in that turn', () => {
    expect(causeOfEnd(other, 100 + TURN_MS + 1, [send(called, 100)])).toBeNull();
  });
});
