/** The guard alone: whom it admits, who may talk to whom, and who is told what. */
import { describe, expect, test } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { Guard, type GuardMode, guardModes, Party, type Presence } from '../../protocol/guard.ts';

const MAC = 0x02_aa_bb_cc_dd_01;
const OTHER = 0x02_aa_bb_cc_dd_02;
const HOME = '192.0.2.1';
const ELSEWHERE = '198.51.100.7';

/** What a hub is told, as words. */
function watched(mode: GuardMode): { guard: Guard; told: string[] } {
  const guard = new Guard(mode);
  const told: string[] = [];
  const tell =
    (what: string) =>
    ({ mac, address, party }: Presence): void =>
      void told.push(`${what} ${mac === MAC ? 'ann' : 'bob'} ${address} ${party.name}`);
  guard.watch({ arrived: tell('arrived'), moved: tell('moved'), left: tell('left') });
  return { guard, told };
}

describe('without a guard', () => {
  test('anybody is admitted, and may talk to anybody', () => {
    const { guard } = watched('off');
    const ann = guard.admit(MAC, HOME);
    const bob = guard.admit(OTHER, ELSEWHERE);
    expect(ann).not.toBeNull();
    expect(ann?.party).toBe(bob?.party);
  });

  test('nobody is told anything, so that no session ends', () => {
    const { guard, told } = watched('off');
    const presence = guard.login(MAC, HOME, 0);
    guard.join(presence, new Party('G'), 0);
    guard.logout(presence, 0);
    expect(told).toEqual([]);
  });

  test('a MAC address may be taken from whoever has it', () => {
    const { guard } = watched('off');
    guard.login(MAC, HOME, 0);
    expect(guard.mayLogIn(MAC, ELSEWHERE)).toBe(true);
  });
});

describe.each(['login', 'group'] as const)('with guard %s', (mode) => {
  test('only who is logged in from the same IP address is admitted', () => {
    const { guard } = watched(mode);
    expect(guard.admit(MAC, HOME)).toBeNull();
    const presence = guard.login(MAC, HOME, 0);
    expect(guard.admit(MAC, HOME)).toBe(presence);
    expect(guard.admit(MAC, ELSEWHERE)).toBeNull();
    expect(guard.admit(OTHER, HOME)).toBeNull();
    guard.logout(presence, 0);
    expect(guard.admit(MAC, HOME)).toBeNull();
  });

  test('it says why', () => {
    const { guard } = watched(mode);
    expect(guard.refusal(MAC)).toBe(CommonFault.notLoggedIn);
    guard.login(MAC, HOME, 0);
    expect(guard.refusal(MAC)).toBe(CommonFault.loggedInElsewhere);
  });

  test('nobody takes a MAC address from another IP address', () => {
    const { guard } = watched(mode);
    expect(guard.mayLogIn(MAC, ELSEWHERE)).toBe(true);
    const presence = guard.login(MAC, HOME, 0);
    expect(guard.mayLogIn(MAC, HOME)).toBe(true);
    expect(guard.mayLogIn(MAC, ELSEWHERE)).toBe(false);
    guard.logout(presence, 0);
    expect(guard.mayLogIn(MAC, ELSEWHERE)).toBe(true);
  });

  test('a second login from the same IP address goes on as the first, and nobody leaves', () => {
    const { guard, told } = watched(mode);
    const first = guard.login(MAC, HOME, 0);
    expect(guard.login(MAC, HOME, 0)).toBe(first);
    expect(told.filter((line) => line.startsWith('left'))).toEqual([]);
    expect(guard.admit(MAC, HOME)).toBe(first);
  });

  test('a presence that was followed by another takes nobody with it', () => {
    const { guard, told } = watched(mode);
    const first = guard.login(MAC, HOME, 0);
    const second = guard.login(MAC, ELSEWHERE, 0);
    expect(told.map((line) => line.split(' ', 3).join(' '))).toEqual([
      `arrived ann ${HOME}`,
      `left ann ${HOME}`,
      `arrived ann ${ELSEWHERE}`,
    ]);
    guard.logout(first, 0);
    expect(guard.admit(MAC, ELSEWHERE)).toBe(second);
  });
});

describe('who may talk to whom', () => {
  const parties = (mode: GuardMode): { guard: Guard; ann: Presence; bob: Presence; told: string[] } => {
    const { guard, told } = watched(mode);
    return { guard, told, ann: guard.login(MAC, HOME, 0), bob: guard.login(OTHER, HOME, 0) };
  };

  test('with guard login, all who are logged in, whatever groups they are in', () => {
    const { guard, ann, bob, told } = parties('login');
    expect(ann.party).toBe(bob.party);
    guard.join(ann, new Party('G'), 0);
    expect(ann.party).toBe(bob.party);
    expect(told.filter((line) => line.startsWith('moved'))).toEqual([]);
  });

  test('with guard group, the members of one group, and otherwise each with itself alone', () => {
    const { guard, ann, bob, told } = parties('group');
    expect(ann.party).not.toBe(bob.party);
    const group = new Party('G');
    guard.join(ann, group, 0);
    expect(ann.party).not.toBe(bob.party);
    guard.join(bob, group, 0);
    expect(ann.party).toBe(bob.party);
    guard.join(ann, null, 0);
    expect(ann.party).not.toBe(bob.party);
    expect(told.filter((line) => line.startsWith('moved'))).toEqual([
      `moved ann ${HOME} G`,
      `moved bob ${HOME} G`,
      `moved ann ${HOME} alone`,
    ]);
  });

  test('a second login leaves the group', () => {
    const { guard, ann, bob } = parties('group');
    const group = new Party('G');
    guard.join(ann, group, 0);
    guard.join(bob, group, 0);
    guard.login(MAC, HOME, 0);
    expect(ann.party).not.toBe(bob.party);
  });
});

test('the modes are those that options know', () => {
  expect(guardModes).toEqual(['off', 'login', 'group']);
});
