/** The plays are what they say, and leave nothing to chance: without that, a replay of them proves nothing. */
import { describe, expect, test } from 'vitest';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import { expectVerified, type FrameLine, frames } from './capture-checks.ts';
import { duelMacs, TurnAt } from './game-client.ts';
import { duelPlay, meshPlay, type Play, type Recording, recordPlay } from './plays.ts';
import { player } from './socket-client.ts';

/** What was said in each conversation of the first session, in order. */
function conversations({ file, sessions }: Recording): Map<string, Buffer[]> {
  const capture = CaptureFile.open(file);
  const said = new Map<string, Buffer[]>();
  for (const { conversation, unit } of new RecordedPlay(capture, sessions[0]!).units()) {
    const { protocol, from, to, kind } = conversation;
    const name = `${protocol.name} ${from.endpoint} > ${to.endpoint} ${kind ?? 'control'}`;
    said.set(name, [...(said.get(name) ?? []), Buffer.from(unit.bytes)]);
  }
  capture.close();
  return said;
}

const withoutLobby: Play = ({ postoffice }) => meshPlay({ postoffice });

describe('the mesh', () => {
  for (const [how, play] of [
    ['without a lobby', withoutLobby],
    ['with a lobby', meshPlay],
  ] as const) {
    test(`${how}: is one whole session of four players, and the same each time`, async () => {
      const [one, other] = [await recordPlay(play), await recordPlay(play)];
      expect(one.sessions).toHaveLength(1);
      await expectVerified(one.file);
      const capture = CaptureFile.open(one.file);
      const { players, ended } = capture.session(one.sessions[0]!);
      capture.close();
      expect(players.map((each) => each.player)).toEqual([1, 2, 3, 4].map((n) => player(n).mac));
      expect(ended).toBe('left');
      expect(conversations(one)).toEqual(conversations(other));
    });
  }

  test('has all that a replay must be good at', async () => {
    const { file } = await recordPlay(meshPlay);
    const lines = await frames(file);
    const of = (kind: string): FrameLine[] => lines.filter((line) => line.kind === kind);
    const size = (n: number): number => of('pdp').filter((line) => line.size === 14 + n).length;
    expect(of('pdp').filter(({ outcome }) => outcome === 'forwarded').length).toBeGreaterThan(300);
    expect(of('pdp').filter(({ outcome }) => outcome === 'no-target')).toHaveLength(1);
    expect([size(0), size(1_300), size(9_000)]).toEqual([3, 3, 3]);
    // Players open what they had before, and one opens one more.
    expect(of('pdp-open')).toHaveLength(6);
    expect(new Set(of('pdp-open').map(({ bytes }) => bytes)).size).toBe(5);
    expect(of('ptp').length).toBeGreaterThan(50);
    expect([of('ptp-listen').length, of('ptp-connect').length, of('ptp-ready').length]).toEqual([2, 3, 6]);
    // One listener is asked for before it is there.
    const [first, second] = of('ptp-listen').map(({ sequence }) => sequence);
    const [called, waiting] = of('ptp-connect').map(({ sequence }) => sequence);
    expect([called! > first!, waiting! < second!]).toEqual([true, true]);
    expect([of('scan').length, of('chat-delivered').length, of('scan-result').length]).toEqual([6, 3, 5]);
    const capture = CaptureFile.open(file);
    const lost = [...connections(capture)].filter(({ fault }) => fault === 7);
    capture.close();
    expect(lost.map(({ role }) => role).sort()).toEqual(['pdp', 'player', 'ptp-connect']);
  });

  test('lets everybody say what depends on all that they have heard', async () => {
    const said = conversations(await recordPlay(withoutLobby));
    const [p1, p2] = [player(1).mac, player(2).mac];
    const toP2 = said.get(`postoffice ${p1}/5001 > ${p2}/5001 ${Kind.pdpDelivered}`)!;
    const texts = toP2.map((bytes) => bytes.subarray(14).toString().trimEnd());
    expect(
      texts.filter((text) => text !== '').every((text) => /^P1 #\d+ .* after [0-9a-f]+$/.test(text)),
    ).toBe(true);
    // Within a round nothing is heard between two words; from one round to the next it is.
    expect(new Set(texts.map((text) => text.split(' ').pop())).size).toBeGreaterThan(20);
  });
});

function* connections(capture: CaptureFile): Generator<{ fault: number | null; role: string | null }> {
  for (let conn = 1; ; conn++) {
    const connection = capture.connection(1, conn);
    if (connection === null) return;
    yield connection;
  }
}

describe('the duel', () => {
  const recorded = (seed: number): Promise<Recording> => recordPlay((ports) => duelPlay(ports, { seed }));

  test('is one session of a host and a guest, the same each time with the same seed', async () => {
    const [one, other] = [await recorded(1), await recorded(1)];
    await expectVerified(one.file);
    const capture = CaptureFile.open(one.file);
    expect(capture.sessions().map(({ players }) => players.map((each) => each.player))).toEqual([
      [duelMacs.host, duelMacs.guest],
    ]);
    capture.close();
    expect(conversations(one)).toEqual(conversations(other));
  });

  test('differs with another seed in its counters, clocks and random bytes, and in nothing else', async () => {
    const [one, other] = [conversations(await recorded(1)), conversations(await recorded(2))];
    expect([...other.keys()]).toEqual([...one.keys()]);
    const offsets = new Set<number>();
    for (const [name, said] of one) {
      const heard = other.get(name)!;
      expect(heard.map(({ length }) => length)).toEqual(said.map(({ length }) => length));
      said.forEach((bytes, i) =>
        bytes.forEach((byte, at) => {
          if (byte !== heard[i]![at]) offsets.add(at);
        }),
      );
    }
    const dataAt = 14 + 5;
    expect(Math.min(...offsets)).toBe(dataAt + TurnAt.counter);
    expect(Math.max(...offsets)).toBe(dataAt + TurnAt.random + 3);
  });

  test('counts up in its counters, and forward in its clocks', async () => {
    const said = conversations(await recorded(3));
    const name = `postoffice ${duelMacs.host}/4001 > ${duelMacs.guest}/4001 ${Kind.pdpDelivered}`;
    const turns = said.get(name)!.filter((bytes) => bytes[14] === 5);
    const read = (at: number): number[] => turns.map((bytes) => bytes.readUInt32LE(14 + 5 + at));
    const steps = (values: readonly number[]): number[] =>
      values.slice(1).map((value, i) => (value - values[i]!) >>> 0);
    expect(turns).toHaveLength(12);
    expect(new Set(steps(read(TurnAt.counter)))).toEqual(new Set([1]));
    for (const step of steps(read(TurnAt.time))) expect(step >= 16 && step <= 20).toBe(true);
  });
});
