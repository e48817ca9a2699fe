/** What adhocctl tells the guard of the relay: who is there, from where, and who is with whom. */
import { describe, expect, it } from 'vitest';
import type { Guard, Presence } from '../../../protocol/guard.ts';
import { Endpoint } from '../../../protocol/postoffice/endpoint.ts';
import { ANN, BOB, CID, enters, founds, plays } from '../../kit/adhocctl-cast.ts';
import {
  bssid,
  connect,
  connected,
  disconnect,
  disconnected,
  macOf,
  type Person,
  scan,
  scanComplete,
  scanned,
} from '../../kit/adhocctl-wire.ts';
import { amidPoison } from '../../kit/bytes.ts';
import { BENCH_ADDRESS } from '../../kit/bench-top.ts';
import type { Script } from '../../kit/transcript.ts';

const ELSEWHERE = '203.0.113.66';

/** As the postoffice computes it: both must mean the same player. */
function macNumber(who: Person): number {
  const { bytes, view, at, end } = amidPoison(Uint8Array.of(...macOf(who), 0, 0, 0, 0));
  return new Endpoint({ kind: 0, bytes, view, at, end }, at).mac;
}

function presenceOf({ top }: Script, who: Person, address = BENCH_ADDRESS): Presence | null {
  return top.guard.admit(macNumber(who), address);
}

function areTogether(script: Script, one: Person, other: Person): boolean {
  return presenceOf(script, one)?.party === presenceOf(script, other)?.party;
}

/** What those hear who admit sessions. */
function log(guard: Guard): string[] {
  const heard: string[] = [];
  const name = ({ mac }: Presence) => [ANN, BOB, CID].find((who) => macNumber(who) === mac)?.nickname ?? '?';
  guard.watch({
    arrived: (presence) => heard.push(`${name(presence)} arrived`),
    moved: (presence) => heard.push(`${name(presence)} moved`),
    left: (presence) => heard.push(`${name(presence)} left`),
  });
  return heard;
}

describe('with a guard that wants logins', () => {
  const guarded = (play: (script: Script) => void) => plays(play, { guard: 'login' });

  it(
    'a player is known from its login to its end, by its IP address',
    guarded((script) => {
      expect(presenceOf(script, ANN)).toBeNull();
      const ann = enters(script, ANN);
      expect(presenceOf(script, ANN)).not.toBeNull();
      expect(presenceOf(script, ANN, ELSEWHERE)).toBeNull();
      ann.ends();
      expect(presenceOf(script, ANN)).toBeNull();
    }),
  );

  it(
    'a player who is silent for too long is not known any more',
    guarded((script) => {
      const ann = enters(script, ANN);
      script.at(29.999);
      expect(presenceOf(script, ANN)).not.toBeNull();
      script.at(30);
      ann.isClosed('silent');
      expect(presenceOf(script, ANN)).toBeNull();
    }),
  );

  it(
    'groups mean nothing',
    guarded((script) => {
      founds(script, ANN, 'G');
      founds(script, BOB, 'H');
      expect(areTogether(script, ANN, BOB)).toBe(true);
    }),
  );

  it(
    'a MAC address cannot be taken from another IP address, and its player notices nothing',
    guarded((script) => {
      const ann = founds(script, ANN);
      const presence = presenceOf(script, ANN);
      const thief = enters(script, ANN, ELSEWHERE);
      thief.isClosed('logged-in-elsewhere');
      // Who it said to be is worth knowing.
      expect(thief.connection.identity).toMatchObject({ endpoint: '02:aa:bb:cc:dd:01' });
      expect(presenceOf(script, ANN)).toBe(presence);
      expect(presenceOf(script, ANN, ELSEWHERE)).toBeNull();
      script.players(1);
      ann.sends(scan).hears(scanned('G', ANN), scanComplete);
      // A thief uses up no number.
      const bob = enters(script, BOB).sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
    }),
  );

  it(
    'a MAC address is free for others when its player has gone',
    guarded((script) => {
      enters(script, ANN).ends();
      enters(script, ANN, ELSEWHERE);
      expect(presenceOf(script, ANN, ELSEWHERE)).not.toBeNull();
    }),
  );

  it(
    'a second login from the same IP address goes on as the first, whose end logs nobody out',
    guarded((script) => {
      const heard = log(script.top.guard);
      const old = enters(script, ANN);
      const presence = presenceOf(script, ANN);
      const young = enters(script, ANN);
      old.isClosed('replaced');
      expect(presenceOf(script, ANN)).toBe(presence);
      young.ends();
      expect(presenceOf(script, ANN)).toBeNull();
      expect(heard).toEqual(['Ann arrived', 'Ann left']);
    }),
  );

  it(
    'a login that is refused is not known',
    guarded((script) => {
      enters(script, { ...ANN, product: 'ulus' }).isClosed('bad-product');
      expect(presenceOf(script, ANN)).toBeNull();
    }),
  );
});

describe('with a guard that wants groups', () => {
  const guarded = (play: (script: Script) => void) => plays(play, { guard: 'group' });

  it(
    'who is in no group leaves none, and nobody is asked to look at the sessions',
    guarded((script) => {
      const ann = enters(script, ANN);
      const heard = log(script.top.guard);
      ann.sends(disconnect).sends(disconnect);
      expect(heard).toEqual([]);
      ann.sends(connect('G')).hears(bssid(ANN)).sends(disconnect).sends(disconnect);
      expect(heard).toEqual(['Ann moved', 'Ann moved']);
    }),
  );

  it(
    'players are together for as long as they are in one group',
    guarded((script) => {
      const ann = founds(script, ANN);
      const bob = enters(script, BOB);
      expect(areTogether(script, ANN, BOB)).toBe(false);
      bob.sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
      expect(areTogether(script, ANN, BOB)).toBe(true);
      bob.sends(disconnect);
      ann.hears(disconnected(1));
      expect(areTogether(script, ANN, BOB)).toBe(false);
    }),
  );

  it(
    'those in no group are together with nobody',
    guarded((script) => {
      enters(script, ANN);
      const bob = founds(script, BOB);
      bob.sends(disconnect);
      expect(areTogether(script, ANN, BOB)).toBe(false);
      founds(script, CID);
      expect(areTogether(script, ANN, CID)).toBe(false);
    }),
  );

  it(
    'groups of one name in two games are two',
    guarded((script) => {
      founds(script, ANN);
      founds(script, { ...BOB, product: 'ULUS99999' });
      expect(areTogether(script, ANN, BOB)).toBe(false);
    }),
  );

  it(
    'a group that was founded anew is another: who was in the old one has no part in it',
    guarded((script) => {
      const ann = founds(script, ANN);
      const party = presenceOf(script, ANN)?.party;
      ann.sends(disconnect);
      ann.sends(connect('G')).hears(bssid(ANN));
      expect(presenceOf(script, ANN)?.party).not.toBe(party);
    }),
  );

  it(
    'who connects to the group that it is in is not apart from the others for a moment',
    guarded((script) => {
      const ann = founds(script, ANN);
      const bob = enters(script, BOB).sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
      const parties: boolean[] = [];
      script.top.guard.watch({
        arrived: () => undefined,
        moved: () => parties.push(areTogether(script, ANN, BOB)),
        left: () => undefined,
      });
      bob.sends(connect('G'));
      ann.hears(disconnected(1), connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
      expect(parties).toEqual([true]);
    }),
  );

  it(
    'a second login from the same IP address is in no group',
    guarded((script) => {
      const ann = founds(script, ANN);
      const bob = enters(script, BOB).sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
      const heard = log(script.top.guard);
      const presence = presenceOf(script, BOB);
      enters(script, BOB);
      bob.isClosed('replaced');
      ann.hears(disconnected(1));
      expect(presenceOf(script, BOB)).toBe(presence);
      expect(areTogether(script, ANN, BOB)).toBe(false);
      expect(heard).toEqual(['Bob moved']);
    }),
  );
});

it(
  'without a guard a MAC address may be taken from another IP address',
  plays((script) => {
    const ann = founds(script, ANN);
    enters(script, ANN, ELSEWHERE);
    ann.isClosed('replaced');
    script.players(1);
  }),
);
