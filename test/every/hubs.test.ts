/**
 * Every hub, on a bench that takes the contract at its word, among clients that say what they like.
 *
 * The bench fails at whatever the contract forbids, so the conversations need no expectations of
 * their own: they have to come to their end, and the hub has to be empty then.
 */
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { Guard, guardModes, Party, type Presence } from '../../protocol/guard.ts';
import { protocols } from '../../protocol/registry.ts';
import { Direction, type Protocol } from '../../protocol/types.ts';
import { BENCH_ADDRESS, type BenchConnection, BenchTop } from '../kit/bench-top.ts';
import { streams } from '../kit/generate.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

/** What a client has to say, in portions that it sends when its turn comes. */
interface Speech {
  readonly parts: readonly Uint8Array[];
  /** Each of them in a datagram. */
  readonly byUdp: boolean;
}

type Step =
  | { readonly does: 'speak' | 'mumble' | 'end' | 'break' | 'stop-reading'; readonly who: number }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'guard'; readonly change: 'login' | 'join' | 'part' | 'logout'; readonly mac: number };

const CLIENTS = 10;

function steps(
  ...more: readonly { weight: number; arbitrary: Arbitrary<Step> }[]
): Arbitrary<readonly Step[]> {
  const who = fc.nat(CLIENTS - 1);
  const acts = fc.constantFrom<('speak' | 'mumble' | 'end' | 'break' | 'stop-reading')[]>(
    ...([
      'speak',
      'speak',
      'speak',
      'speak',
      'speak',
      'speak',
      'mumble',
      'end',
      'break',
      'stop-reading',
    ] as const),
  );
  const act = fc.record({ does: acts, who });
  const wait = fc.record({
    does: fc.constant('wait' as const),
    ms: fc.oneof(fc.constantFrom(1, 1000), fc.nat(25_000)),
  });
  return fc.array(fc.oneof({ weight: 12, arbitrary: act }, { weight: 1, arbitrary: wait }, ...more), {
    minLength: 20,
    maxLength: 120,
  });
}

/** What control servers tell a guard, of the players who are drawn where it is crowded. */
const guardChanges = fc.record({
  does: fc.constant('guard' as const),
  change: fc.constantFrom('login', 'login', 'join', 'join', 'part', 'logout'),
  mac: fc.constantFrom(0x02_00_00_00_00_01, 0x02_00_00_00_00_02),
});

function valid(protocol: Protocol): Arbitrary<Speech> {
  return streams(protocol, Direction.toRelay, { crowded: true, dirty: true, bodyMax: 60 }).map(
    ({ start, frames }) => ({
      parts: frames.map(({ bytes }) => bytes),
      byUdp: start === protocol.framing.datagram,
    }),
  );
}

function spoiled(protocol: Protocol): Arbitrary<Speech> {
  const garbage = fc.uint8Array({ maxLength: 60 });
  return fc.tuple(valid(protocol), garbage, fc.nat()).map(([{ parts, byUdp }, noise, place]) => {
    const at = place % (parts.length + 1);
    return { parts: [...parts.slice(0, at), noise, ...parts.slice(at)], byUdp };
  });
}

function converse(top: BenchTop, speeches: readonly Speech[], script: readonly Step[], all?: 'deaf'): void {
  const clients: (BenchConnection | undefined)[] = [];
  const left = speeches.map(({ parts }) => [...parts]);
  const presences = new Map<number, Presence>();
  const client = (who: number): BenchConnection => {
    const connected = (clients[who] ??=
      speeches[who]?.byUdp === true ? top.connectDatagrams(`source ${who}`) : top.connect(`client ${who}`));
    if (all === 'deaf') connected.stopReading();
    return connected;
  };
  for (const [i, step] of script.entries()) {
    top.answerDials(() => i % 4 !== 0);
    if (step.does === 'wait') top.advanceTo(top.elapsedMs + step.ms);
    else if (step.does === 'guard') change(top, step.change, step.mac, presences);
    else if (step.does === 'end') client(step.who).end(CommonFault.none);
    else if (step.does === 'break') client(step.who).end(CommonFault.lost);
    else if (step.does === 'stop-reading') client(step.who).stopReading();
    else {
      // Those whom a hub dials say the same things as those for whom it does.
      const said = speak(client(step.who), left[step.who]!, step.does === 'mumble');
      const standing = top.dialled.filter((each) => !top.dialling.includes(each));
      const dialled = standing[i % Math.max(standing.length, 1)];
      if (said !== null) dialled?.push(said);
      if (said === null && i % 5 === 0) dialled?.end(CommonFault.none);
    }
    // Whoever is gone makes room for somebody new, who goes on where it stopped.
    if ('who' in step && !client(step.who).isOpen) clients[step.who] = undefined;
  }
}

const PARTY = new Party('all');

function change(top: BenchTop, what: string, mac: number, presences: Map<number, Presence>): void {
  top.moves++;
  if (what === 'login') presences.set(mac, top.guard.login(mac, BENCH_ADDRESS, top.now));
  const presence = presences.get(mac);
  if (presence === undefined) return;
  if (what === 'join') top.guard.join(presence, PARTY, top.now);
  if (what === 'part') top.guard.join(presence, null, top.now);
  if (what === 'logout') top.guard.logout(presence, top.now);
}

/** Sends the next portion; mumbling, half of it, and the other half with what comes next. */
function speak(client: BenchConnection, left: Uint8Array[], mumbles: boolean): Uint8Array | null {
  const next = left.shift();
  if (next === undefined) return null;
  const middle = mumbles ? next.length >> 1 : next.length;
  client.push(next.slice(0, middle));
  if (middle < next.length) left[0] = Uint8Array.of(...next.slice(middle), ...(left[0] ?? []));
  return next;
}

describe.each(protocols)('$name', (protocol) => {
  function speeches(kind: (protocol: Protocol) => Arbitrary<Speech>): Arbitrary<readonly Speech[]> {
    return fc.array(kind(protocol), { minLength: CLIENTS, maxLength: CLIENTS });
  }

  it(
    'keeps the contract among clients that keep to the protocol',
    () => {
      fc.assert(
        fc.property(speeches(valid), steps(), (said, script) => {
          const top = new BenchTop(protocol);
          converse(top, said, script);
          top.endAll();
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'keeps the contract among clients that do not',
    () => {
      fc.assert(
        fc.property(speeches(spoiled), steps(), (said, script) => {
          const top = new BenchTop(protocol);
          converse(top, said, script);
          top.endAll();
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'keeps the contract among clients that do not read, whose outbox is soon full',
    () => {
      fc.assert(
        fc.property(speeches(valid), steps(), fc.integer({ min: 20, max: 200 }), (said, script, bytesMax) => {
          const top = new BenchTop(protocol, bytesMax);
          converse(top, said, script, 'deaf');
          top.endAll();
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it.each(guardModes)(
    'keeps the contract while a guard is told who is there: %s',
    (mode) => {
      const script = steps({ weight: 4, arbitrary: guardChanges });
      fc.assert(
        fc.property(speeches(valid), script, (said, given) => {
          const top = new BenchTop(protocol, protocol.outboxBytesMax, new Guard(mode));
          converse(top, said, given);
          top.advanceTo(top.elapsedMs + 86_400_000);
          top.endAll();
        }),
        runs(150),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is empty once time has run out for all who are not heard of any more',
    () => {
      fc.assert(
        fc.property(speeches(valid), steps(), (said, script) => {
          const top = new BenchTop(protocol);
          converse(top, said, script);
          top.advanceTo(top.elapsedMs + 86_400_000);
          expect(top.hub.deadline).toBe(Infinity);
          top.endAll();
        }),
        runs(50),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
