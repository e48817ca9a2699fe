/**
 * Whatever players do, in whatever order: each hears what the wire page says, held against a lobby that
 * is written down as plainly as the page has it.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommonFault } from '../../../protocol/fault.ts';
import type { AdhocctlHub } from '../../../protocol/adhocctl/hub.ts';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import {
  bssid,
  chat,
  connect,
  connected,
  disconnect,
  disconnected,
  login,
  type Person,
  person,
  said,
  scan,
  scanComplete,
  scanned,
} from '../../kit/adhocctl-wire.ts';
import { type BenchConnection, BenchTop } from '../../kit/bench-top.ts';
import { hex } from '../../../protocol/address.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';

const PEOPLE: readonly Person[] = [
  'ULUS10511',
  'ULUS10511',
  'ULUS10511',
  'ULUS10511',
  'ULES00001',
  'ULES00001',
].map((product, i) => person(`02aabbccdd0${i}`, `player ${i}`, product));

type Act = { readonly who: number } & (
  | { readonly does: 'log in' | 'disconnect' | 'scan' | 'chat' | 'end' }
  | { readonly does: 'connect'; readonly group: string }
);

interface Here {
  readonly who: Person;
  readonly number: number;
  readonly connection: BenchConnection;
  readonly heard: string[];
}

/** The oldest member first. Not a line of it is fast, and none is shared with the hub. */
class PlainLobby {
  readonly #here: Here[] = [];
  #groups: { product: string; name: string; members: Here[] }[] = [];
  #logins = 0;

  find(who: Person): Here | undefined {
    return this.#here.find((here) => here.who === who);
  }

  logIn(who: Person, connection: BenchConnection): Here {
    const here = { who, number: this.#logins++, connection, heard: [] };
    this.#here.push(here);
    return here;
  }

  end(here: Here): void {
    this.leave(here);
    this.#here.splice(this.#here.indexOf(here), 1);
  }

  leave(here: Here): void {
    for (const { members } of this.#groups) {
      if (!members.includes(here)) continue;
      members.splice(members.indexOf(here), 1);
      for (const member of members) member.heard.push(hex(disconnected(here.number)));
    }
    this.#groups = this.#groups.filter(({ members }) => members.length > 0);
  }

  connect(here: Here, name: string): void {
    this.leave(here);
    const { product } = here.who;
    let group = this.#groups.find((each) => each.product === product && each.name === name);
    if (group === undefined) this.#groups.push((group = { product, name, members: [] }));
    for (const member of group.members) {
      member.heard.push(hex(connected(here.who, here.number)));
      here.heard.push(hex(connected(member.who, member.number)));
    }
    group.members.push(here);
    here.heard.push(hex(bssid((group.members[0] as Here).who)));
  }

  scan(here: Here): void {
    for (const { product, name, members } of this.#groups)
      if (product === here.who.product) here.heard.push(hex(scanned(name, (members[0] as Here).who)));
    here.heard.push(hex(scanComplete));
  }

  chat(here: Here, message: string): void {
    for (const { members } of this.#groups)
      if (members.includes(here))
        for (const member of members) if (member !== here) member.heard.push(hex(said(message, here.who)));
  }
}

const anyWho = fc.nat(PEOPLE.length - 1);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      who: anyWho,
      does: fc.constant('connect' as const),
      group: fc.constantFrom('G', 'G', 'HH', ''),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      who: anyWho,
      does: fc.constantFrom('disconnect' as const, 'scan' as const, 'chat' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ who: anyWho, does: fc.constantFrom('log in' as const, 'end' as const) }),
  },
);

function heardBy(top: BenchTop, { connection }: Here): readonly string[] {
  return top.happenings.flatMap((it) => (it.what === 'sent' && it.to === connection ? [hex(it.bytes)] : []));
}

it(
  'players hear what the page says, whatever they do',
  () => {
    fc.assert(
      fc.property(fc.array(anyAct, { minLength: 10, maxLength: 80 }), (acts) => {
        const top = new BenchTop(adhocctl);
        const lobby = new PlainLobby();
        const all: Here[] = [];
        for (const act of acts) {
          const who = PEOPLE[act.who]!;
          let here = lobby.find(who);
          if (act.does === 'log in' || here === undefined) {
            if (here !== undefined) lobby.end(here);
            const connection = top.connect(who.nickname);
            connection.push(login(who));
            all.push((here = lobby.logIn(who, connection)));
          }
          const { connection } = here;
          if (act.does === 'connect') {
            lobby.connect(here, act.group);
            connection.push(connect(act.group));
          } else if (act.does === 'disconnect') {
            lobby.leave(here);
            connection.push(disconnect);
          } else if (act.does === 'scan') {
            lobby.scan(here);
            connection.push(scan);
          } else if (act.does === 'chat') {
            lobby.chat(here, 'hello');
            connection.push(chat('hello'));
          } else if (act.does === 'end') {
            lobby.end(here);
            connection.end(CommonFault.none);
          }
        }
        for (const here of all) expect(heardBy(top, here)).toEqual(here.heard);
        top.endAll();
        const { groups, tags } = top.hub as AdhocctlHub;
        expect([groups.size, tags.size]).toEqual([0, 0]);
      }),
      runs(200),
    );
  },
  PROPERTY_TIMEOUT_MS,
);
