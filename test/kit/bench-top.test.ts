/** The bench itself: hubs that break the contract, one rule each, are found out. */
import { expect, it } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import {
  Direction,
  type FrameSpec,
  type FrameView,
  type Outlet,
  type Protocol,
  type Session,
} from '../../protocol/types.ts';
import { BenchTop } from './bench-top.ts';

/** What a hub under test does where a good one would do nothing. */
interface Habits {
  accept?(outlet: Outlet): void;
  frame?(frame: FrameView, outlet: Outlet, hub: { deadline: number }): Outcome;
  wake?(outlets: readonly Outlet[]): void;
  sender?(frame: FrameView): string | null;
  /** Forgets nobody. */
  readonly hoards?: boolean;
}

const HELLO = 0;
const ECHO = 1;
const DEAR = 2;

function spec(name: string, direction: Direction, more: Partial<FrameSpec> = {}): FrameSpec {
  return {
    name,
    direction,
    bytesMin: 1,
    bytesMax: 1,
    fields: [{ name: 'letter', type: 'u8', size: 1 }],
    ...more,
  };
}

/** Every byte is a frame; 0 is one for the relay. */
function protocolWith(habits: Habits): Protocol {
  return {
    id: 98,
    name: 'naughty',
    title: 'Naughty',
    revision: 1,
    transports: ['tcp'],
    port: 1,
    outboxBytesMax: 10,
    faults: [],
    frames: [
      spec('hello', Direction.toRelay, { becomes: ECHO }),
      spec('echo', Direction.toPeer),
      spec('dear', Direction.toRelay, { forRelay: true }),
    ],
    framing: {
      start: { toRelay: 0, toPeer: 1 },
      measure: () => 1,
      classify: (mode, view, at) => (mode === 1 ? ECHO : view.getUint8(at) === 0 ? DEAR : HELLO),
    },
    summarize: () => 'a letter',
    ...(habits.sender && { sender: habits.sender }),
    createHub() {
      const sessions = new Map<Session, Outlet>();
      const hub = {
        deadline: Infinity,
        accept(outlet: Outlet): Session {
          habits.accept?.(outlet);
          const session: Session = {
            label: 'somebody',
            state: 'here',
            frame: (frame) => habits.frame?.(frame, outlet, hub) ?? Outcome.consumed,
            gone: () => !habits.hoards && sessions.delete(session),
          };
          sessions.set(session, outlet);
          return session;
        },
        wake: () => habits.wake?.([...sessions.values()]),
        get players() {
          return new Map([...sessions.values()].map(({ id }) => [id, id]));
        },
        sessions: () => sessions.keys(),
      };
      return hub;
    },
  };
}

const hello = Uint8Array.of(1);
const dear = Uint8Array.of(0);

/** Somebody says this, time passes, and all leave. */
function visit(habits: Habits, said = hello): void {
  const top = new BenchTop(protocolWith(habits));
  top.connect('ann').push(said);
  top.advanceTo(1000);
  top.endAll();
}

function echo(frame: FrameView, outlet: Outlet): Outcome {
  outlet.forward(frame, outlet);
  return Outcome.forwarded;
}

const nobody = { role: 'somebody', endpoint: 'here', toward: '', nickname: '', game: '', gameName: '' };

it('a hub that keeps the contract is let through', () => {
  visit({});
  visit({ frame: echo });
  // Who it is from is read from what is delivered, its stamp included.
  visit({
    accept: (outlet) => outlet.identify(nobody, Uint8Array.of(7)),
    frame: echo,
    sender: ({ kind, bytes, at }) => (kind === ECHO && bytes[at] === 7 ? 'here' : 'nowhere'),
  });
  const wakes: Habits = {
    frame(_frame, _outlet, hub) {
      hub.deadline = Infinity;
      return Outcome.consumed;
    },
  };
  visit(wakes, dear);
});

let kept: FrameView | null = null;

it.each<[string, Habits]>([
  [
    'a frame is forwarded at most once',
    {
      frame(frame, outlet) {
        outlet.forward(frame, outlet);
        return echo(frame, outlet);
      },
    },
  ],
  ['forwarded means that forward was called', { frame: () => Outcome.forwarded }],
  [
    'forwarded means that forward was called',
    {
      frame(frame, outlet) {
        echo(frame, outlet);
        return Outcome.consumed;
      },
    },
  ],
  ['every frame comes to something', { frame: () => 200 }],
  ['every frame comes to something', { frame: () => Outcome.originated }],
  [
    'nothing is sent after a close',
    {
      frame(_frame, outlet) {
        outlet.close(CommonFault.unexpected);
        outlet.send(ECHO, hello);
        return Outcome.consumed;
      },
    },
  ],
  [
    'nothing is sent after a close',
    {
      frame(frame, outlet) {
        outlet.close(CommonFault.unexpected);
        return echo(frame, outlet);
      },
    },
  ],
  [
    'every fault has a name',
    {
      frame(_frame, outlet) {
        outlet.close(99);
        return Outcome.consumed;
      },
    },
  ],
  [
    'only frames for the relay move the deadline',
    {
      frame(_frame, _outlet, hub) {
        hub.deadline = 2_000_000;
        return Outcome.consumed;
      },
    },
  ],
  [
    'a connection is identified once, at most',
    {
      frame(_frame, outlet) {
        outlet.identify(nobody, hello);
        outlet.identify(nobody, hello);
        return Outcome.consumed;
      },
    },
  ],
  [
    'a stamp is not longer than a frame',
    {
      frame(frame, outlet) {
        outlet.identify(nobody, new Uint8Array(2));
        return echo(frame, outlet);
      },
    },
  ],
  [
    'a delivered frame that names its sender names the one it came from',
    { accept: (outlet) => outlet.identify(nobody, Uint8Array.of(7)), frame: echo, sender: () => 'there' },
  ],
  [
    'clients are sent frames of their direction',
    {
      frame(_frame, outlet) {
        outlet.send(HELLO, hello);
        return Outcome.consumed;
      },
    },
  ],
  [
    'echo has a length that it may have',
    {
      frame(_frame, outlet) {
        outlet.send(ECHO, new Uint8Array(2));
        return Outcome.consumed;
      },
    },
  ],
  [
    'nothing ends before accept has answered its session',
    { accept: (outlet) => outlet.close(CommonFault.unexpected) },
  ],
  ['an early wake-up is harmless', { wake: (outlets) => outlets[0]?.send(ECHO, hello) }],
  ['a hub forgets a session that is gone', { hoards: true }],
])('%s', (rule, habits) => {
  expect(() => visit(habits)).toThrow(rule);
});

it('a frame that was kept is worth nothing: its bytes are gone, and it cannot be forwarded', () => {
  const bytes: number[] = [];
  const habits: Habits = {
    frame(frame, outlet) {
      if (kept === null) {
        kept = frame;
        return Outcome.consumed;
      }
      bytes.push(...kept.bytes);
      return echo(kept, outlet);
    },
  };
  expect(() => visit(habits, Uint8Array.of(1, 2))).toThrow('what is forwarded is the frame in hand');
  expect(bytes).not.toContain(1);
});

it('a frame that is held is not delivered, and one that was stamped leaves with its stamp', () => {
  const top = new BenchTop(
    protocolWith({
      accept(outlet) {
        outlet.identify(nobody, Uint8Array.of(7));
        outlet.hold(true);
      },
      frame: echo,
    }),
  );
  const ann = top.connect('ann');
  ann.push(hello);
  expect(top.happenings).toEqual([]);
  ann.hold(false);
  expect(top.happenings).toMatchObject([{ what: 'sent', to: ann, kind: ECHO, bytes: Uint8Array.of(7) }]);
  top.endAll();
});

it('a wake-up at the deadline must deal with what is due', () => {
  const habits: Habits = {
    frame(_frame, _outlet, hub) {
      hub.deadline = 1_000_500;
      return Outcome.consumed;
    },
  };
  expect(() => visit(habits, dear)).toThrow('a wake-up at the deadline deals with all that is due');
});

it('a pair is joined before anything of it is read, and then its frames go on by themselves', () => {
  const join = (early: Uint8Array | null, outcome: Outcome) => {
    const outlets: Outlet[] = [];
    const habits: Habits = { accept: (outlet) => outlets.push(outlet), frame: () => outcome };
    const top = new BenchTop(protocolWith(habits));
    const [ann, bob] = [top.connect('ann'), top.connect('bob')];
    if (early !== null) ann.push(early);
    outlets[0]!.join(outlets[1]!);
    ann.push(hello);
    expect(top.happenings).toMatchObject([{ what: 'passed', to: bob, bytes: hello }]);
    bob.end(CommonFault.none);
    expect([bob.isOpen, top.happenings.at(-1)]).toMatchObject([true, { what: 'ended', to: ann }]);
    top.endAll();
  };
  join(null, Outcome.forwarded);
  expect(() => join(hello, Outcome.consumed)).toThrow(/before anything is read/);
  expect(() => join(null, Outcome.consumed)).toThrow(/goes on by itself/);
});

it('a pair is closed together, and broken together', () => {
  for (const [end, what] of [
    [(outlet: Outlet) => outlet.close(CommonFault.shutdown), 'closed'],
    [null, 'broken'],
  ] as const) {
    const outlets: Outlet[] = [];
    const top = new BenchTop(protocolWith({ accept: (outlet) => outlets.push(outlet) }));
    const [ann, bob] = [top.connect('ann'), top.connect('bob')];
    outlets[0]!.join(outlets[1]!);
    if (end === null) ann.end(CommonFault.lost);
    else end(outlets[0]!);
    expect([ann.isOpen, bob.isOpen]).toEqual([false, false]);
    expect(top.happenings.at(-1)).toMatchObject({ what, to: bob });
    top.endAll();
  }
});
