/** The scripted game plays by itself: what it says follows from what it hears. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DuelOptions,
  type DuelReport,
  otherByte,
  otherOpcode,
  playDuel,
  TurnAt,
  TURNS,
} from './game-client.ts';
import { Opcode } from './matching-wire.ts';
import { mutant, type RunningMutant, startMutant } from './mutants.ts';
import { duelPlay } from './plays.ts';

let relay: RunningMutant;
beforeAll(async () => {
  relay = await startMutant(mutant('fair'));
});
afterAll(() => relay.stop());

const PATIENCE_MS = 400;

/** Both sides, of which the guest may be another game. */
async function play(guest: Partial<DuelOptions>, host: Partial<DuelOptions> = {}): Promise<DuelReport[]> {
  let invite = (): void => undefined;
  const start = new Promise<void>((resolve) => (invite = resolve));
  const postoffice = relay.port;
  const ours = playDuel({ role: 'host', postoffice, start, ...host });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const theirs = playDuel({ role: 'guest', postoffice, onOpen: invite, ...guest });
  return Promise.all([ours, theirs]);
}

const opcodes = (messages: readonly Buffer[]): number[] => messages.map((message) => message[0]!);

describe('a game', () => {
  test('is played to its end by both, and each hears what the other says', async () => {
    const [host, guest] = await play({});
    expect([host!.isOver, guest!.isOver]).toEqual([true, true]);
    expect(host!.heard).toEqual(guest!.sent);
    expect(guest!.heard).toEqual(host!.sent);
    const turns = new Array<number>(TURNS).fill(Opcode.bulk);
    expect(opcodes(host!.sent)).toEqual([Opcode.hello, Opcode.accept, ...turns]);
    expect(opcodes(guest!.sent)).toEqual([Opcode.join, ...turns, Opcode.bye]);
  });

  test('may be played by a slower one of another address, and is the same but for its name', async () => {
    const [, before] = await duelPlay({ postoffice: relay.port, adhocctl: relay.adhocctlPort });
    const mac = '02:00:00:00:0d:77';
    const started = performance.now();
    const [host, guest] = await play({ mac, thinkMs: 80 }, { guestMac: mac });
    expect(performance.now() - started).toBeGreaterThan(TURNS * 80);
    expect(guest!.sent).toEqual(before.sent);
    const named = await play({ mac, namesItself: true }, { guestMac: mac });
    expect(named[1]!.sent[0]!.toString('hex')).toContain(mac.replaceAll(':', ''));
    expect(named[1]!.sent.slice(1)).toEqual(host!.heard.slice(1));
  });

  test('that says another opcode is not understood, and both give up', async () => {
    const patience = { patienceMs: PATIENCE_MS };
    const [host, guest] = await play({ twist: otherOpcode(0, Opcode.bye), ...patience }, patience);
    expect(opcodes(guest!.sent)).toEqual([Opcode.bye]);
    expect([host!.gaveUp, guest!.gaveUp]).toEqual(['join', 'accept']);
    expect([host!.isOver, guest!.isOver]).toEqual([false, false]);
  });

  test('that makes another move is answered with another', async () => {
    const [host, guest] = await play({});
    const turn = 4;
    // The guest's first message is its JOIN.
    const [otherHost, otherGuest] = await play({ twist: otherByte(1 + turn, TurnAt.move) });
    const differing = (ours: readonly Buffer[], theirs: readonly Buffer[]): number[] =>
      ours.flatMap((message, n) => (message.equals(theirs[n]!) ? [] : [n]));
    expect(differing(guest!.sent, otherGuest!.sent)[0]).toBe(1 + turn);
    expect(otherGuest!.sent[1 + turn]![5 + TurnAt.move]! ^ guest!.sent[1 + turn]![5 + TurnAt.move]!).toBe(1);
    // The host's first two are its HELLO and its ACCEPT.
    expect(differing(host!.sent, otherHost!.sent)[0]).toBe(2 + turn);
  });

  test('ends where the relay does', async () => {
    const other = await startMutant(mutant('fair'));
    const guest = playDuel({ role: 'guest', postoffice: other.port });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await other.stop();
    expect((await guest).gaveUp).toBe('hello, and was closed');
  });
});
