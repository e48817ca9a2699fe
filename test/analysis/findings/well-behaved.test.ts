/** Where all is well, there is nothing to warn of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outcome } from '../../../protocol/outcome.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { type Player, type Socket, Stage } from './stage.ts';

interface Guest {
  readonly arrives: number;
  readonly stays: number;
  readonly rate: number;
  readonly jitter: readonly number[];
  readonly hasStream: boolean;
  readonly endsBy: string;
}

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve'];

const guest: fc.Arbitrary<Guest> = fc.record({
  arrives: fc.double({ min: 0, max: 6, noNaN: true }),
  stays: fc.double({ min: 2, max: 14, noNaN: true }),
  rate: fc.integer({ min: 5, max: 25 }),
  jitter: fc.array(fc.double({ min: -0.4, max: 0.4, noNaN: true }), { minLength: 7, maxLength: 11 }),
  hasStream: fc.boolean(),
  endsBy: fc.constantFrom('ended', 'logged-out'),
});

/** All talk to all who are there, and notice a second late who came or left. */
function mesh(stage: Stage, guests: readonly Guest[]): void {
  const players = guests.map((_, i) => stage.players(NAMES[i]!)[0]);
  const sockets = guests.map(({ arrives }, i) => players[i]!.pdp(1, arrives));
  guests.forEach((self, i) => {
    const leaves = self.arrives + self.stays;
    players[i]!.logsIn(Math.max(0, self.arrives - 0.1)).ends(leaves);
    guests.forEach((other, j) => {
      if (i !== j) talk(sockets[i]!, self, sockets[j]!, other);
    });
    sockets[i]!.ends(leaves + 0.01, self.endsBy);
    if (self.hasStream && i > 0) stream(players[i]!, self, players[0]!, guests[0]!);
  });
}

function talk(from: Socket, self: Guest, to: Socket, other: Guest): void {
  const first = Math.max(self.arrives, other.arrives - 1);
  const last = Math.min(self.arrives + self.stays, other.arrives + other.stays + 1);
  for (let i = 1; i < (last - first) * self.rate - 1; i += 1) {
    const at = first + (i + self.jitter[i % self.jitter.length]!) / self.rate;
    const isThere = at >= other.arrives && at < other.arrives + other.stays;
    const delayMs = 0.1 + Math.abs(self.jitter[i % 5]!);
    from.says(to, at, {
      bytes: 40 + (i % 9),
      delayMs,
      outcome: isThere ? Outcome.forwarded : Outcome.noTarget,
    });
  }
}

function stream(guestPlayer: Player, self: Guest, host: Player, hosts: Guest): void {
  const at = Math.max(self.arrives, hosts.arrives) + 0.2;
  const end = Math.min(self.arrives + self.stays, hosts.arrives + hosts.stays);
  if (at + 1 > end) return;
  const listener = host.listens(20, at - 0.1).ends(end);
  const connect = guestPlayer.connects(1025, host, 20, at);
  listener.isTold(at + 0.001, 'ptp-request', connect);
  const accept = host.accepts(20, guestPlayer, 1025, at + 0.1);
  for (const side of [connect, accept]) side.isTold(at + 0.101, 'ptp-ready', connect);
  connect.sends(accept, { from: at + 0.2, to: end - 0.2, rate: 4 }).ends(end);
  accept.sends(connect, { from: at + 0.2, to: end - 0.2, rate: 4 }).ends(end, 'partner-gone');
}

test(
  'players who come, talk to each other with jitter and leave in order give no reason to warn',
  () => {
    fc.assert(
      fc.property(fc.array(guest, { minLength: 2, maxLength: NAMES.length }), (guests) => {
        const stage = new Stage();
        stage.group = 'ROOM';
        mesh(stage, guests);
        const told = stage.findings().filter(({ severity }) => severity !== 'note');
        expect(told.map(({ id, text }) => `${id}: ${text}`)).toEqual([]);
      }),
      runs(40),
    );
  },
  PROPERTY_TIMEOUT_MS,
);
