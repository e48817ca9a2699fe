/** Each mutant does what it says, as plain clients see it, and leaves all else as the good relay does it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { placesOf } from './damages.ts';
import { dropsEvery, type Mutant, mutant, mutants, startMutant } from './mutants.ts';
import { duelPlay, meshPlay, type Recording, recordPlay } from './plays.ts';
import { EMPTY_AT, LARGE_AT, type Heard, sitAtPostoffice, sitInLobby, type Sitting } from './sitting.ts';
import { player } from './socket-client.ts';

/** What a connection heard, to be made into what it should have heard. */
type Draft = Record<string, { frames: string[]; end: Heard['end'] }>;
type Edit = (heard: Draft) => void;

const nothing: Edit = () => undefined;
/** The frame that is broken, where one of a conversation is. */
const MIDDLE = 12;
/** Of a stream: behind that it stands, and two blocks. */
const BLOCK = 3;

function swap(frames: string[], one: number, other: number): void {
  [frames[one], frames[other]] = [frames[other]!, frames[one]!];
}

function flipAt(text: string, at: number, bits: number): string {
  const code = text.charCodeAt(at < 0 ? text.length + at : at) ^ bits;
  const index = at < 0 ? text.length + at : at;
  return text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
}

/** Removes the frame from where it was heard. */
function take({ frames }: { frames: string[] }, at: number): string {
  return frames.splice(at, 1)[0]!;
}

/** What must be otherwise than with the good relay, by mutant: no more, and no less. */
const edits: Readonly<Record<string, Edit>> = {
  'drops-every-100': ({ b }) => void take(b!, 99),
  'swaps-two': ({ b }) => swap(b!.frames, MIDDLE, MIDDLE + 1),
  'wrong-sender-mac': ({ b }) => void (b!.frames[MIDDLE] = b!.frames[MIDDLE]!.replace(':01/', ':81/')),
  'wrong-sender-port': ({ b }) => void (b!.frames[MIDDLE] = b!.frames[MIDDLE]!.replace('/1001', '/1000')),
  truncates: ({ b }) => void (b!.frames[MIDDLE] = b!.frames[MIDDLE]!.slice(0, -1)),
  'corrupts-byte': ({ b }) => void (b!.frames[MIDDLE] = flipAt(b!.frames[MIDDLE]!, -5, 0x10)),
  duplicates: ({ b }) => void b!.frames.splice(MIDDLE, 0, b!.frames[MIDDLE]!),
  'wrong-peer': ({ b, c }) => void c!.frames.unshift(take(b!, MIDDLE)),
  leaks: ({ b, c }) => void c!.frames.unshift(b!.frames[MIDDLE]!),
  'merges-datagrams': ({ b }) => {
    const second = take(b!, MIDDLE + 1);
    b!.frames[MIDDLE] = b!.frames[MIDDLE]! + second.slice(second.indexOf(' ') + 1);
  },
  'late-datagram': ({ b }) => void b!.frames.push(take(b!, MIDDLE)),
  'drops-empty': ({ b }) => void take(b!, EMPTY_AT),
  'drops-large': ({ b }) => void take(b!, LARGE_AT),
  'delivers-to-the-gone': (heard) =>
    void heard['c again']!.frames.unshift('02:00:00:00:00:01/1001[0000] while you were away'),
  'forgets-returning': (heard) => void take(heard['c again']!, 0),
  'closes-early': (heard) => {
    heard['called']!.frames.splice(BLOCK + 1);
    heard['caller']!.frames.splice(1);
  },
  'never-closes': (heard) => {
    for (const name of ['called', 'early caller']) heard[name]!.end = 'none';
  },
  'loses-queued': (heard) => {
    heard['called']!.frames.splice(-2);
    heard['early caller']!.frames.splice(-1);
  },
  resets: (heard) => {
    heard['called']!.frames.splice(-2);
    heard['early caller']!.frames.splice(-1);
    for (const each of Object.values(heard)) if (each.end === 'end') each.end = 'reset';
  },
  'forgets-late-listener': (heard) => void take(heard['late listener']!, 0),
  'asks-twice': ({ listener }) => void listener!.frames.push(listener!.frames[0]!),
  'asks-for-another': ({ listener }) =>
    void (listener!.frames[0] = listener!.frames[0]!.replace('/2001', '/2000')),
  'forgets-ready': (heard) => {
    for (const name of ['called', 'late called']) take(heard[name]!, 0);
  },
  'ready-names-itself': (heard) => {
    const swapReady = (one: string, other: string): void => {
      const [ours, theirs] = [heard[one]!.frames, heard[other]!.frames];
      [ours[0], theirs[0]] = [theirs[0]!, ours[0]!];
    };
    swapReady('caller', 'called');
    swapReady('early caller', 'late called');
  },
  'closes-listener': (heard) => {
    for (const name of ['listener', 'late listener']) heard[name]!.end = 'end';
  },
  'reorders-blocks': ({ called }) => swap(called!.frames, 1, 2),
  'loses-block': ({ called }) => void take(called!, BLOCK),
  'corrupts-stream': ({ called }) => void (called!.frames[BLOCK] = flipAt(called!.frames[BLOCK]!, -1, 0x01)),
  'swaps-directions': ({ caller, called }) => {
    const said = called!.frames.splice(BLOCK);
    called!.frames.push(...caller!.frames.splice(1, Infinity, ...said));
  },
  fair: nothing,
  'fills-padding': (heard) => {
    for (const { frames } of Object.values(heard))
      frames.forEach((frame, i) => (frames[i] = frame.replace('[0000]', '[dead]')));
  },
  slow: nothing,
  'slow-start': nothing,

  'forgets-third': ({ Bob }) =>
    void take(
      Bob!,
      Bob!.frames.findIndex((frame) => frame.includes(hexOf('Cid'))),
    ),
  'wrong-founder': ({ Bob }) =>
    void (Bob!.frames[1] = Bob!.frames[1]!.replace('020000000001', '020000000002')),
  'scan-misses': ({ Dan }) => void take(Dan!, 1),
  'chat-echoes': ({ Ann, Bob }) => void Ann!.frames.splice(3, 0, Bob!.frames[CHAT]!),
  'forgets-farewell': ({ Ann }) => void take(Ann!, Ann!.frames.indexOf(FAREWELL)),
  'farewell-of-another': ({ Ann }) =>
    void (Ann!.frames[Ann!.frames.indexOf(FAREWELL)] = FAREWELL.replace('0301', '0341')),
  'cuts-nicknames': ({ Ann }) => void (Ann!.frames[1] = Ann!.frames[1]!.replace(hexOf('Bob'), '420000')),
  'other-numbers': (heard) => {
    for (const { frames } of Object.values(heard))
      frames.forEach((frame, i) => {
        if (/^0[23]/.test(frame)) frames[i] = frame.replace(/.{8}$/, (tag) => hexXor(tag, 0x5a));
      });
  },
  'slow-adhocctl': nothing,
};

/** What Bob hears as his fourth is Ann's chat; what the others hear when he leaves is his number. */
const CHAT = 3;
const FAREWELL = '0301000000';
const hexOf = (text: string): string => Buffer.from(text).toString('hex');

function hexXor(hex: string, bits: number): string {
  return Buffer.from(Buffer.from(hex, 'hex').map((byte) => byte ^ bits)).toString('hex');
}

/** How much later than others these deliver. */
const waits: Readonly<Record<string, number>> = { 'late-datagram': 3_000, slow: 100, 'slow-adhocctl': 60 };

function edited(sitting: Sitting, edit: Edit): Draft {
  const heard = structuredClone(sitting) as Draft;
  edit(heard);
  return heard;
}

/** One sitting of each mutant, since it is the same each time. */
const sittings = new Map<Mutant, ReturnType<typeof sitDown>>();

async function sit(which: Mutant): ReturnType<typeof sitDown> {
  const sitting = sittings.get(which) ?? sitDown(which);
  sittings.set(which, sitting);
  return sitting;
}

async function sitDown(which: Mutant): Promise<{ heard: Sitting; damages: Running['damages'] }> {
  const running = await startMutant(which);
  const { port, adhocctlPort, damages } = running;
  const wait = waits[which.name];
  const heard =
    which.protocol === postoffice
      ? await sitAtPostoffice(port, wait)
      : await sitInLobby(adhocctlPort, port, wait);
  await running.stop();
  return { heard, damages: [...damages] };
}
type Running = Awaited<ReturnType<typeof startMutant>>;

/** The same evenings at the program as it is built, and its recording. */
const good: { postoffice: Sitting; adhocctl: Sitting } = { postoffice: {}, adhocctl: {} };
let recording: { file: CaptureFile; session: number };

beforeAll(async () => {
  const { file } = await recordPlay(async (ports) => {
    good.postoffice = await sitAtPostoffice(ports.postoffice);
    good.adhocctl = await sitInLobby(ports.adhocctl!, ports.postoffice);
  });
  const capture = CaptureFile.open(file);
  const session = capture.sessions().find(({ players }) => players.some(({ player: mac }) => mac === A));
  recording = { file: capture, session: session!.id };
});

afterAll(() => recording.file.close());

const A = player(1).mac;

describe('a relay that', () => {
  for (const each of mutants.filter(({ name }) => name in edits)) {
    test(`${each.what} (${each.name}): does that, and nothing else`, async () => {
      const { heard } = await sit(each);
      const expected = each.protocol === postoffice ? good.postoffice : good.adhocctl;
      expect(heard).toEqual(edited(expected, edits[each.name]!));
    });
  }

  test('cuts streams elsewhere: passes on the same bytes, in other blocks', async () => {
    const { heard } = await sit(mutant('recuts-streams'));
    const blocksOf = (sitting: Sitting, name: string): readonly string[] => sitting[name]!.frames.slice(1);
    for (const name of ['caller', 'called', 'early caller', 'late called']) {
      const [ours, theirs] = [blocksOf(heard, name), blocksOf(good.postoffice, name)];
      expect(ours.join('')).toBe(theirs.join(''));
    }
    expect(blocksOf(heard, 'called').length).toBeGreaterThan(blocksOf(good.postoffice, 'called').length);
    const whole = (sitting: Sitting): Draft =>
      edited(sitting, (draft) => {
        for (const each of Object.values(draft))
          if (!each.frames.some((frame) => frame.includes('] '))) each.frames = [each.frames.join('')];
      });
    expect(whole(heard)).toEqual(whole(good.postoffice));
  });

  test('drops every n-th datagram: any n', async () => {
    const { heard, damages } = await sit(dropsEvery(50));
    expect(heard).toEqual(
      edited(good.postoffice, ({ b }) => {
        take(b!, 99);
        take(b!, 49);
      }),
    );
    expect(damages.map(({ index }) => index)).toEqual([49, 99]);
  });
});

describe('what a mutant says of itself', () => {
  for (const each of mutants) {
    test(`${each.name}: is what it expects, and is found in a recording of the same play`, async () => {
      const { damages } = await sit(each);
      expect(new Set(damages.map((damage) => damage.class))).toEqual(new Set(each.expects));
      for (const damage of damages) {
        const places = placesOf(damage, recording.file, recording.session);
        expect(places, damage.class).not.toEqual([]);
        for (const { first, last } of places) {
          expect(first).toBeLessThanOrEqual(last);
          if (damage.class === 'extra' || damage.bytes === null) continue;
          const [frame] = recording.file.frames(1, { after: first - 1, limit: 1 });
          // Behind the address, which is another for the receiver.
          expect(Buffer.from(damage.bytes).subarray(10).toString('hex')).toBe(
            frame!.bytes.subarray(10).toString('hex'),
          );
        }
      }
    });
  }

  test('is placed at the very frame: an extra one behind the one before it, an early end from the last that came', async () => {
    /** What the recording has at the first place of each damage; null where there is nothing before it. */
    const texts = async (name: string): Promise<(string | null)[]> => {
      const { damages } = await sit(mutant(name));
      return damages.map((damage) => {
        const [{ first } = { first: -1 }] = placesOf(damage, recording.file, recording.session);
        if (first === 0) return null;
        const [frame] = recording.file.frames(1, { after: first - 1, limit: 1 });
        return frame!.bytes.subarray(frame!.kind === Kind.ptp ? 4 : 14).toString();
      });
    };
    expect(await texts('drops-every-100')).toEqual(['a to b 99']);
    expect(await texts('duplicates')).toEqual(['a to b 12']);
    expect(await texts('leaks')).toEqual([null]);
    expect(await texts('wrong-peer')).toEqual(['a to b 12', null]);
    expect(await texts('delivers-to-the-gone')).toEqual(['two to c']);
    expect(new Set(await texts('closes-early'))).toEqual(new Set(['block 2']));
    expect(await texts('loses-queued')).toEqual(['last word', 'the end', 'goodbye']);
    const { damages } = await sit(mutant('never-closes'));
    const ends = damages.map((damage) => placesOf(damage, recording.file, recording.session));
    const said = [...recording.file.frames(1)].filter(({ kind }) => kind === Kind.ptp);
    const [theEnd, goodbye] = ['the end', 'goodbye'].map(
      (word) => said.find(({ bytes }) => bytes.includes(word))!.sequence,
    );
    expect(ends.map((places) => places.length)).toEqual([1, 1]);
    expect(ends[0]![0]!.last >= theEnd! && ends[0]![0]!.last < goodbye!).toBe(true);
    expect(ends[1]![0]!.last >= goodbye!).toBe(true);
  });

  test('has a name of its own, and a test that it does it', () => {
    const names = mutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...Object.keys(edits), 'recuts-streams'].sort()).toEqual([...names].sort());
    expect(mutants.every(({ protocol }) => [postoffice, adhocctl].includes(protocol))).toBe(true);
  });
});

describe('a mutant that is to be judged the same', () => {
  for (const each of mutants.filter(({ expects }) => expects.length === 0)) {
    test(`${each.name}: lets whole plays be played to their end`, async () => {
      const { port, adhocctlPort, stop } = await startMutant(each);
      const ports = { postoffice: port, adhocctl: adhocctlPort };
      await meshPlay(ports);
      const [host, guest] = await duelPlay(ports);
      expect([host.gaveUp, guest.gaveUp]).toEqual([null, null]);
      await stop();
    });
  }
});

describe('a mutant that breaks something', () => {
  let mesh: Recording;
  beforeAll(async () => {
    mesh = await recordPlay(meshPlay);
  });

  for (const each of mutants.filter(({ expects }) => expects.length > 0)) {
    test(`${each.name}: does so in the mesh too, where a recording of it has it`, async () => {
      const { port, adhocctlPort, damages, stop } = await startMutant(each);
      // Whoever waits for what does not come waits until the relay is stopped, and longer.
      const play = meshPlay({ postoffice: port, adhocctl: adhocctlPort }).catch(() => undefined);
      const isBroken = expect
        .poll(() => damages.length, { timeout: 10_000, interval: 10 })
        .toBeGreaterThan(0);
      await Promise.race([play, isBroken]);
      await stop();
      expect(damages.map((damage) => damage.class)).toContain(each.expects[0]);
      const file = CaptureFile.open(mesh.file);
      for (const damage of damages)
        expect(placesOf(damage, file, mesh.sessions[0]!), damage.class).not.toEqual([]);
      file.close();
    });
  }
});
