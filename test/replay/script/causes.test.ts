/** Because of what a relay ended a connection, though it is recorded only when the client has ended as well. */
import { describe, expect, test } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { CommonFault } from '../../../protocol/fault.ts';
import { UNFRAMED } from '../../../protocol/kind.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import type { Protocol } from '../../../protocol/types.ts';
import type { RecordedConnection } from '../../../recorder/captures.ts';
import { playerOf } from '../../../recorder/sessions/session.ts';
import { RecentDeeds, TURN_MS } from '../../../replay/script/causes.ts';
import { EndStep, OpenStep, type ScriptedClient, SendStep } from '../../../replay/script/steps.ts';

const NO_LISTENER = 18;

let conns = 0;
function client(
  endpoint: string,
  {
    toward = '',
    role = 'pdp',
    protocol = postoffice,
  }: { toward?: string; role?: string; protocol?: Protocol } = {},
): ScriptedClient {
  const conn = ++conns;
  const party = { conn, protocol, endpoint, toward, role } as RecordedConnection;
  return { conn, protocol, party, player: { name: playerOf(endpoint) } };
}

function half(endpoint: string, toward: string, role: string): ScriptedClient {
  return client(endpoint, { toward, role });
}

function says(who: ScriptedClient, at: number, changes = false): SendStep {
  return new SendStep(who, 1, at, Kind.pdp, new Uint8Array(0), 0, changes, changes);
}

function told<T extends SendStep | EndStep | OpenStep>(recent: RecentDeeds, deed: T): T {
  recent.add(deed);
  return deed;
}

describe('the cause of an end is', () => {
  test('the end of the partner, however long the client takes to end as well', () => {
    const recent = new RecentDeeds();
    const [one, other] = [half('a/1', 'b/2', 'ptp-connect'), half('b/2', 'a/1', 'ptp-accept')];
    told(recent, says(one, 0, true));
    told(recent, says(other, 1, true));
    const end = told(recent, new EndStep(one, 5, 100, false));
    for (let i = 0; i < 1000; i++) told(recent, says(client('c/3'), 100 + i));
    expect(recent.causeOfEnd(other, 6_000, CommonFault.partnerGone)).toBe(end);
  });

  test('what ended the partner, where the relay did that', () => {
    const recent = new RecentDeeds();
    const [one, other] = [half('a/1', 'b/2', 'ptp-connect'), half('b/2', 'a/1', 'ptp-accept')];
    told(recent, says(one, 0, true));
    told(recent, says(other, 1, true));
    const mistake = told(recent, says(one, 50));
    expect(recent.causeOfEnd(one, 51, CommonFault.malformed)).toBe(mistake);
    expect(recent.causeOfEnd(other, 900, CommonFault.partnerGone)).toBe(mistake);
  });

  test('never the end of a pair that was there before', () => {
    const recent = new RecentDeeds();
    const pair = () => [half('a/1', 'b/2', 'ptp-connect'), half('b/2', 'a/1', 'ptp-accept')] as const;
    const [before, again] = [pair(), pair()];
    for (const each of before) told(recent, says(each, 0, true));
    told(recent, new EndStep(before[0], 5, 10, false));
    for (const each of again) told(recent, says(each, 20, true));
    expect(recent.causeOfEnd(again[1], 900, CommonFault.partnerGone)).toBe(null);
  });

  test('whoever took its address first, of many who did', () => {
    const recent = new RecentDeeds();
    const holders = [0, 1, 2, 3].map(() => client('a/1'));
    const taken = holders.map((each, i) => told(recent, says(each, i, true)));
    for (const [i, holder] of holders.slice(0, 3).entries())
      expect(recent.causeOfEnd(holder, 2_000, CommonFault.replaced)).toBe(taken[i + 1]);
  });

  test('not who opened something else at the same address', () => {
    const recent = new RecentDeeds();
    const listener = client('a/1', { role: 'ptp-listen' });
    told(recent, says(listener, 0, true));
    told(recent, says(half('a/1', 'b/2', 'ptp-accept'), 10, true));
    const next = client('a/1', { role: 'ptp-listen' });
    const taken = told(recent, says(next, 20, true));
    expect(recent.causeOfEnd(listener, 2_000, CommonFault.replaced)).toBe(taken);
  });

  test('its own mistake', () => {
    const recent = new RecentDeeds();
    const wrong = client('a/1');
    const mistake = told(recent, says(wrong, 10));
    told(recent, new OpenStep(client('b/2'), 1, 11));
    expect(recent.causeOfEnd(wrong, 12, CommonFault.malformed)).toBe(mistake);
  });

  test('its own mistake, though another opened something at its address in that turn', () => {
    const recent = new RecentDeeds();
    told(recent, says(half('a/1', 'b/2', 'ptp-accept'), 10, true));
    const refused = half('a/1', 'b/2', 'ptp-accept');
    const mistake = told(recent, says(refused, 11, true));
    expect(recent.causeOfEnd(refused, 11, CommonFault.unexpected)).toBe(mistake);
  });

  test('its own mistake, whatever others leave behind that had come long before', () => {
    const recent = new RecentDeeds();
    const wrong = client('a/1');
    const mistake = told(recent, says(wrong, 100));
    told(recent, says(client('b/2'), 3));
    expect(recent.causeOfEnd(wrong, 101, CommonFault.notInGroup)).toBe(mistake);
  });

  test('its own mistake, though that had waited long until it was looked at', () => {
    const recent = new RecentDeeds();
    const wrong = client('a/1');
    const mistake = told(recent, says(wrong, 100));
    told(recent, says(client('b/2'), 900, true));
    expect(recent.causeOfEnd(wrong, 900, CommonFault.tooLong)).toBe(mistake);
  });

  test('the clock, whatever others say to each other at that moment, and whoever opens a connection', () => {
    const recent = new RecentDeeds();
    const waiting = half('a/1', 'b/2', 'ptp-connect');
    told(recent, says(waiting, 0, true));
    told(recent, says(client('c/3'), 5_000));
    told(recent, new OpenStep(client('a/1'), 1, 5_000));
    expect(recent.causeOfEnd(waiting, 5_001, NO_LISTENER)).toBe(null);
  });

  test('what somebody does at a control server, in the same turn', () => {
    const recent = new RecentDeeds();
    const [stream, lobby] = [half('a/1', 'b/2', 'ptp-connect'), client('b', { protocol: adhocctl })];
    told(recent, says(stream, 0, true));
    const left = told(recent, says(lobby, 100, true));
    expect(recent.causeOfEnd(stream, 100 + TURN_MS, CommonFault.notInGroup)).toBe(left);
    expect(recent.causeOfEnd(stream, 101 + TURN_MS, CommonFault.notInGroup)).toBe(null);
  });
});

describe('the cause of what the relay says is', () => {
  test('the request that came at the same time', () => {
    const recent = new RecentDeeds();
    const asked = told(recent, says(client('a', { protocol: adhocctl }), 10, true));
    expect(recent.causeOfFrame(10, adhocctl)).toBe(asked);
    expect(recent.causeOfFrame(10.1, adhocctl)).toBe(null);
  });

  test('the last end in its protocol, whatever else ended with it', () => {
    const recent = new RecentDeeds();
    const left = told(recent, new EndStep(client('a', { protocol: adhocctl }), 1, 10, true));
    expect(recent.causeOfFrame(10 + TURN_MS, adhocctl)).toBe(left);
    expect(recent.causeOfFrame(11 + TURN_MS, adhocctl)).toBe(null);
    // Who is lost loses all connections at once, in any order.
    told(recent, new EndStep(client('a/1'), 1, 10, true));
    expect(recent.causeOfFrame(10, adhocctl)).toBe(left);
    const socket = new RecentDeeds();
    told(socket, new EndStep(client('a/1'), 1, 10, true));
    expect(socket.causeOfFrame(10, adhocctl)).toBe(null);
  });

  test('the request still, where a connection left something behind that had come before', () => {
    const recent = new RecentDeeds();
    const asked = told(recent, says(client('a/1'), 10, true));
    told(
      recent,
      new SendStep(client('b/2'), 1, 3, UNFRAMED, new Uint8Array(0), Outcome.unframed, true, true),
    );
    expect(recent.causeOfFrame(10, postoffice)).toBe(asked);
  });

  test('nothing that was said before something else was', () => {
    const recent = new RecentDeeds();
    told(recent, says(client('a/1'), 10, true));
    told(recent, says(client('b/2'), 11));
    expect(recent.causeOfFrame(10, postoffice)).toBe(null);
  });
});
