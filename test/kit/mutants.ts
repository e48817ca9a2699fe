/**
 * Relays that each break one thing, and some that break nothing, however odd they are: what a replay
 * must tell from the good one, and what it must not.
 *
 * The rule: one row is one relay. Those that break something once do so in the middle of a play; all else
 * that they do is right.
 */
import { monotonic } from '../../common/clock.ts';
import { endpointText, macText } from '../../protocol/address.ts';
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { Kind as Control, MAC_BYTES } from '../../protocol/adhocctl/layout.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { span } from '../../protocol/memory.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { Kind, PDP_HEADER_BYTES, PTP_HEADER_BYTES } from '../../protocol/postoffice/layout.ts';
import type { Millis, Protocol } from '../../protocol/types.ts';
import { Relay } from '../../relay/relay.ts';
import type { DifferenceClass } from '../../replay/types.ts';
import {
  type Breaker,
  breakingHub,
  type Damage,
  type Letter,
  Scene,
  type Wire,
  withPayload,
} from './breaking-hub.ts';
import { join } from './bytes.ts';
import { addressBytes } from './socket-client.ts';
import { type Front, RESET_HOLD_MS, resettingFront } from './resetting-front.ts';

export interface Mutant {
  readonly name: string;
  /** What it does, a clause that begins with a verb. */
  readonly what: string;
  readonly protocol: Protocol;
  /** How its first difference may be called, the best name first. Empty: it must be judged the same. */
  readonly expects: readonly DifferenceClass[];
  readonly breaks: (scene: Scene) => Breaker;
  /** It breaks only what goes by in its time: at full speed that may be nothing. */
  readonly isTimed?: true;
  /** Stands between the clients and the relay's port. */
  readonly front?: (port: number) => Promise<Front>;
}

// What is broken, and when ------------------------------------------------------------------------

type Which = (letter: Letter) => boolean;
type Act = (letter: Letter, scene: Scene) => void;

/** Frames and blocks of one conversation that pass unbroken, where one in the middle is meant. */
const FRAMES_BEFORE = 12;
const BLOCKS_BEFORE = 2;
/** How long a frame waits for the next of its conversation. */
const NEXT_WAIT_MS: Millis = 20;
/** How long a relay that loses what is queued has it in its queue. */
const QUEUED_MS: Millis = 40;
const LATE_MS: Millis = 3_000;
const SLOW_MS: Millis = 20;
const SLOW_START_MS: Millis = 300;
const SLOW_START_LETTERS = 5;
/** Where a relay that cuts streams anew cuts them. */
const CUT_BYTES = 5;
const LARGE_BYTES = 1_024;

/** Of one player to another: a player that talks to itself is left alone, so that tests see what has passed. */
const isDatagram: Which = ({ from, to, kind }) => kind === Kind.pdpDelivered && from !== to;
const isBlock: Which = ({ kind }) => kind === Kind.ptpDelivered;
const sizeOf = ({ kind, bytes }: Letter): number =>
  bytes.length - (kind === Kind.pdpDelivered ? PDP_HEADER_BYTES : PTP_HEADER_BYTES);

const isMiddleDatagram: Which = (letter) =>
  isDatagram(letter) && letter.index >= FRAMES_BEFORE && sizeOf(letter) > 1;
const isMiddleBlock: Which = (letter) =>
  isBlock(letter) && letter.index >= BLOCKS_BEFORE && sizeOf(letter) > 1;
const isKind =
  (kind: number): Which =>
  (letter) =>
    letter.from === null && letter.kind === kind;

function whenever(which: Which, act: Act): Mutant['breaks'] {
  return (scene) => ({
    letter(letter) {
      if (!which(letter)) return false;
      act(letter, scene);
      return true;
    },
  });
}

/** The first that is one. */
function once(which: Which, act: Act): Mutant['breaks'] {
  return (scene) => {
    let isDone = false;
    return whenever((letter) => {
      if (isDone || !which(letter)) return false;
      return (isDone = true);
    }, act)(scene);
  };
}

/** The n-th of each `n`. */
function every(n: number, which: Which, act: Act): Mutant['breaks'] {
  return (scene) => {
    let count = 0;
    return whenever((letter) => which(letter) && ++count % n === 0, act)(scene);
  };
}

/** The first two of one conversation of which the second comes right after the first: all that is on its way to their receiver. */
function onceTwo(
  which: Which,
  act: (first: Letter, second: Letter, scene: Scene) => readonly Letter[],
): Mutant['breaks'] {
  return (scene) => {
    let isDone = false;
    const held = new Map<Wire, Letter[]>();
    const release = (to: Wire): void => {
      const letters = held.get(to) ?? [];
      held.delete(to);
      for (const letter of letters) scene.deliver(letter);
    };
    return {
      letter(letter) {
        const { from, to, kind } = letter;
        const waiting = held.get(to);
        const first = waiting?.[0];
        if (waiting !== undefined && first?.from === from && first.kind === kind && !isDone) {
          isDone = true;
          held.set(to, [...act(first, letter, scene), ...waiting.slice(1)]);
          release(to);
          for (const other of [...held.keys()]) release(other);
        } else if (waiting !== undefined) {
          waiting.push(letter);
        } else {
          if (isDone || !which(letter)) return false;
          held.set(to, [letter]);
          scene.later(NEXT_WAIT_MS, () => release(to));
        }
        return true;
      },
      close: (wire) => {
        release(wire);
        return false;
      },
    };
  };
}

// What is done to it ------------------------------------------------------------------------------

const drop: Act = (letter, scene) => scene.blame('missing', letter);

/** The receiver gets other bytes. */
function change(edit: (bytes: Uint8Array, letter: Letter, scene: Scene) => void): Act {
  return (letter, scene) => {
    scene.blame('changed', letter);
    const bytes = Uint8Array.from(letter.bytes);
    edit(bytes, letter, scene);
    scene.deliver({ ...letter, bytes });
  };
}

/** The receiver gets it from somebody else, as far as it can see: the one conversation lacks it, another has it too much. */
function forge(edit: (bytes: Uint8Array) => void): Act {
  return (letter, scene) => {
    scene.blame('missing', letter);
    change((bytes) => {
      edit(bytes);
      scene.blameForged(letter, endpointText(macText(bytes, 0), span(bytes).view.getUint16(8, true)), bytes);
    })(letter, scene);
  };
}

const twice: Act = (letter, scene) => {
  scene.deliver(letter);
  scene.blame('extra', scene.next(letter));
  scene.deliver(letter);
};

/** Somebody with a datagram socket who has nothing to do with it. */
function thirdPlayer({ from, to }: Letter, scene: Scene): Wire | null {
  return scene.find((wire) => wire.role === 'pdp' && wire !== from && wire !== to);
}

/** To somebody who should not have it. */
function misdeliver(letter: Letter, to: Wire | null, scene: Scene): void {
  if (to === null) return;
  scene.blame('extra', scene.next({ ...letter, to }));
  scene.deliver({ ...letter, to });
}

/** All in order, each later than it would be: letters, and the ends behind them. */
function delays(wait: (letters: number) => Millis): Mutant['breaks'] {
  return (scene) => {
    let letters = 0;
    return {
      letter(letter) {
        scene.inOrder(wait(++letters), () => scene.deliver(letter));
        return true;
      },
      close(wire, fault) {
        scene.inOrder(wait(letters), () => wire.outlet.close(fault));
        return true;
      },
    };
  };
}

/** Keeps what is queued for somebody when the hub closes their connection, and throws it away. */
function losesQueued(scene: Scene): Breaker {
  const queued = new Map<Wire, Letter[]>();
  return {
    letter(letter) {
      if (!isBlock(letter)) return false;
      const { to } = letter;
      const queue = queued.get(to) ?? [];
      queued.set(to, queue);
      queue.push(letter);
      scene.later(QUEUED_MS, () => {
        if (queued.get(to) === queue && queue.shift() === letter) scene.deliver(letter);
      });
      return true;
    },
    close(wire) {
      for (const lost of queued.get(wire) ?? []) scene.blame('missing', lost);
      queued.delete(wire);
      return false;
    },
    gone: (wire) => void queued.delete(wire),
  };
}

/** Gathers what comes for one end of a stream in one turn, and sends it in blocks of its own. */
function recuts(scene: Scene): Breaker {
  const gathered = new Map<Wire, Letter[]>();
  const send = (to: Wire): void => {
    const letters = gathered.get(to) ?? [];
    gathered.delete(to);
    const bytes = join(letters.map((letter) => letter.bytes.subarray(PTP_HEADER_BYTES)));
    for (let at = 0; at < bytes.length; at += CUT_BYTES) {
      const block = withPayload(
        new Uint8Array(PTP_HEADER_BYTES),
        PTP_HEADER_BYTES,
        bytes.subarray(at, at + CUT_BYTES),
      );
      scene.deliver({ to, kind: Kind.ptpDelivered, bytes: block });
    }
  };
  return {
    letter(letter) {
      if (!isBlock(letter)) return false;
      const letters = gathered.get(letter.to);
      if (letters === undefined) {
        gathered.set(letter.to, [letter]);
        scene.later(0, () => send(letter.to));
      } else letters.push(letter);
      return true;
    },
    close(wire) {
      send(wire);
      return false;
    },
  };
}

/** From a block in the middle on, one stream's two ends get what they said themselves. */
function swapsDirections(scene: Scene): Breaker {
  const swapped = new Set<Wire>();
  return {
    letter(letter) {
      const { from, to } = letter;
      if (from === null || !isBlock(letter)) return false;
      if (swapped.size === 0 && letter.index >= BLOCKS_BEFORE) {
        swapped.add(from).add(to);
        scene.blame('missing', letter);
        const back = { ...letter, from: to, to: from };
        scene.blame('extra', scene.next(back));
        scene.blameComing('changed', back);
      }
      if (!swapped.has(from)) return false;
      scene.deliver({ ...letter, to: from });
      return true;
    },
  };
}

/** Keeps a datagram to somebody who is not there, and delivers it to whoever opens that socket next. */
function deliversToTheGone(scene: Scene): Breaker {
  const kept: { readonly from: Wire; readonly bytes: Uint8Array }[] = [];
  return {
    missed: (from, bytes) => void kept.push({ from, bytes }),
    opened(to) {
      for (const { from, bytes } of kept) {
        if (to.role !== 'pdp' || !startsWithAddress(bytes, to.stamp)) continue;
        const delivered = Uint8Array.from(bytes);
        delivered.set(from.stamp);
        misdeliver({ from, to, kind: Kind.pdpDelivered, bytes: delivered, index: 0, cause: null }, to, scene);
      }
    },
  };
}

/** Whether a datagram is for the holder of this stamp, whatever the padding is. */
function startsWithAddress(bytes: Uint8Array, stamp: Uint8Array): boolean {
  return [0, 1, 2, 3, 4, 5, 8, 9].every((at) => bytes[at] === stamp[at]);
}

/** Whoever comes back to the same address is not found there. */
function forgetsReturning(scene: Scene): Breaker {
  const known = new Set<string>();
  const returned = new Set<Wire>();
  return {
    opened(wire) {
      if (wire.role !== 'pdp') return;
      if (known.has(wire.endpoint)) returned.add(wire);
      known.add(wire.endpoint);
    },
    letter(letter) {
      if (!isDatagram(letter) || !returned.has(letter.to)) return false;
      scene.blame('missing', letter);
      return true;
    },
  };
}

const HANDLE_BYTES = 4;
const handleAt: Readonly<Record<number, number>> = {
  [Control.peerConnected]: 135,
  [Control.peerDisconnected]: 1,
};
const MAC_AT = 1;

/** A newcomer is told to those who are in: each of them but the newcomer. */
const isNews: Which = (letter) =>
  letter.from === null && letter.kind === Control.peerConnected && letter.to !== letter.cause;

/** The second who would be told of one newcomer: with it, the group's third member or a later one. */
function forgetsThird(scene: Scene): Breaker {
  let told: { readonly who: Wire; count: number } | null = null;
  let isDone = false;
  return {
    letter(letter) {
      if (isDone || !isNews(letter) || letter.cause === null) return false;
      if (told?.who !== letter.cause) told = { who: letter.cause, count: 0 };
      if (++told.count !== 2) return false;
      isDone = true;
      scene.blame('missing', letter);
      return true;
    },
  };
}

/** As the relay writes it; where there is no port, it is 0. */
function addressOf({ endpoint }: Wire): Uint8Array {
  const [mac = '', port = 0] = endpoint.split('/');
  return addressBytes({ mac, port: Number(port) });
}

const none: Mutant['breaks'] = () => ({});

// The table ---------------------------------------------------------------------------------------

type Row = Omit<Mutant, 'protocol'>;

export function dropsEvery(n: number): Mutant {
  return {
    name: `drops-every-${n}`,
    what: `drops every ${n}th datagram`,
    protocol: postoffice,
    expects: ['missing'],
    breaks: every(n, isDatagram, drop),
  };
}

const ofPostoffice: readonly Row[] = [
  dropsEvery(100),
  {
    name: 'swaps-two',
    what: 'swaps two datagrams of one conversation',
    expects: ['reordered'],
    breaks: onceTwo(isMiddleDatagram, (first, second, scene) => {
      scene.blame('reordered', first);
      scene.blame('reordered', second);
      return [second, first];
    }),
  },
  {
    name: 'wrong-sender-mac',
    what: 'names a sender that nobody is',
    expects: ['missing', 'changed', 'extra'],
    breaks: once(
      isMiddleDatagram,
      forge((bytes) => void (bytes[5]! ^= 0x80)),
    ),
  },
  {
    name: 'wrong-sender-port',
    what: 'names the sender with another port',
    expects: ['missing', 'changed', 'extra'],
    breaks: once(
      isMiddleDatagram,
      forge((bytes) => void (bytes[8]! ^= 0x01)),
    ),
  },
  {
    name: 'truncates',
    what: 'cuts the last byte off a datagram, and says so in its size',
    expects: ['changed'],
    breaks: once(isMiddleDatagram, (letter, scene) => {
      scene.blame('changed', letter);
      const payload = letter.bytes.subarray(PDP_HEADER_BYTES, -1);
      scene.deliver({ ...letter, bytes: withPayload(letter.bytes, PDP_HEADER_BYTES, payload) });
    }),
  },
  {
    name: 'corrupts-byte',
    what: 'changes one byte in the middle of a payload',
    expects: ['changed'],
    breaks: once(
      isMiddleDatagram,
      change((bytes, letter) => void (bytes[PDP_HEADER_BYTES + (sizeOf(letter) >> 1)]! ^= 0x10)),
    ),
  },
  {
    name: 'duplicates',
    what: 'delivers a datagram twice',
    expects: ['extra'],
    breaks: once(isMiddleDatagram, twice),
  },
  {
    name: 'wrong-peer',
    what: 'delivers a datagram to another player than it was for',
    expects: ['missing', 'extra'],
    breaks: once(isMiddleDatagram, (letter, scene) => {
      scene.blame('missing', letter);
      misdeliver(letter, thirdPlayer(letter, scene), scene);
    }),
  },
  {
    name: 'leaks',
    what: 'delivers a datagram to a third player as well',
    expects: ['extra'],
    breaks: once(isMiddleDatagram, (letter, scene) => {
      scene.deliver(letter);
      misdeliver(letter, thirdPlayer(letter, scene), scene);
    }),
  },
  {
    name: 'merges-datagrams',
    what: 'makes one datagram of two',
    expects: ['changed', 'missing'],
    breaks: onceTwo(isMiddleDatagram, (first, second, scene) => {
      for (const letter of [first, second]) {
        scene.blame('changed', letter);
        scene.blame('missing', letter);
      }
      const both = join([first, second].map(({ bytes }) => bytes.subarray(PDP_HEADER_BYTES)));
      return [{ ...first, bytes: withPayload(first.bytes, PDP_HEADER_BYTES, both) }];
    }),
  },
  {
    name: 'late-datagram',
    what: 'delivers one datagram 3 s late',
    // A play may be over before it comes.
    expects: ['late', 'reordered', 'missing'],
    breaks: once(isMiddleDatagram, (letter, scene) => {
      scene.blame('late', letter);
      scene.blame('reordered', letter);
      scene.blame('missing', letter);
      scene.later(LATE_MS, () => scene.deliver(letter));
    }),
  },
  {
    name: 'drops-empty',
    what: 'drops datagrams without a payload',
    expects: ['missing'],
    breaks: whenever((letter) => isDatagram(letter) && sizeOf(letter) === 0, drop),
  },
  {
    name: 'drops-large',
    what: 'drops datagrams of more than 1 024 bytes',
    expects: ['missing'],
    breaks: whenever((letter) => isDatagram(letter) && sizeOf(letter) > LARGE_BYTES, drop),
  },
  {
    name: 'delivers-to-the-gone',
    what: 'keeps a datagram to a player who left, and delivers it when the player is back',
    expects: ['extra'],
    breaks: deliversToTheGone,
  },
  {
    name: 'forgets-returning',
    what: 'does not find players who left and came back to the same port',
    expects: ['missing'],
    breaks: forgetsReturning,
  },
  {
    name: 'closes-early',
    what: 'closes a stream in the middle',
    expects: ['closed-early', 'missing'],
    breaks: once(isMiddleBlock, (letter, scene) => {
      for (const wire of [letter.to, letter.from!]) scene.blameEarly(letter, wire);
      scene.deliver(letter);
      letter.to.outlet.close(CommonFault.none);
    }),
  },
  {
    name: 'never-closes',
    what: 'does not close a stream of which one end is gone',
    expects: ['closed-late'],
    breaks: (scene) => ({
      close(wire, fault) {
        if (fault !== CommonFault.partnerGone) return false;
        scene.blameLate(wire);
        return true;
      },
    }),
  },
  {
    name: 'loses-queued',
    isTimed: true,
    what: 'loses what is queued for a stream when it is closed',
    expects: ['missing'],
    breaks: losesQueued,
  },
  {
    name: 'resets',
    isTimed: true,
    what: 'resets connections instead of closing them, which takes away what has just been sent',
    expects: ['missing'],
    breaks: (scene) => {
      const held: { readonly letter: Letter; readonly at: Millis }[] = [];
      return {
        letter(letter) {
          if (isBlock(letter)) held.push({ letter, at: monotonic() });
          return false;
        },
        close(wire) {
          const now = monotonic();
          for (const { letter, at } of held)
            if (letter.to === wire && now - at < RESET_HOLD_MS) scene.blame('missing', letter);
          return false;
        },
      };
    },
    front: resettingFront,
  },
  {
    name: 'forgets-late-listener',
    what: 'does not tell a listener of a connect that came before it',
    expects: ['missing'],
    breaks: whenever((letter) => isKind(Kind.ptpRequest)(letter) && letter.cause === letter.to, drop),
  },
  {
    name: 'asks-twice',
    what: 'tells a listener twice of one connect',
    expects: ['extra'],
    breaks: once(isKind(Kind.ptpRequest), twice),
  },
  {
    name: 'asks-for-another',
    what: 'tells a listener of a connect from another port than it came from',
    expects: ['changed'],
    breaks: once(
      isKind(Kind.ptpRequest),
      change((bytes) => void (bytes[8]! ^= 0x01)),
    ),
  },
  {
    name: 'forgets-ready',
    what: 'does not tell who accepts a stream that it stands',
    // What comes in its place is the first of the stream.
    expects: ['missing', 'changed'],
    breaks: whenever(
      (letter) => isKind(Kind.ptpReady)(letter) && letter.to.role === 'ptp-accept',
      (letter, scene) => {
        scene.blame('missing', letter);
        scene.blame('changed', letter);
      },
    ),
  },
  {
    name: 'ready-names-itself',
    what: 'names to both ends of a stream their own address instead of the other’s',
    expects: ['changed'],
    breaks: whenever(
      isKind(Kind.ptpReady),
      change((bytes, { to }) => bytes.set(addressOf(to))),
    ),
  },
  {
    name: 'closes-listener',
    what: 'closes a listener as soon as a stream of it stands',
    expects: ['closed-early', 'missing'],
    breaks: (scene) => ({
      letter(letter) {
        if (!isKind(Kind.ptpReady)(letter) || letter.to.role !== 'ptp-accept') return false;
        const { endpoint } = letter.to;
        const listener = scene.find((wire) => wire.role === 'ptp-listen' && wire.endpoint === endpoint);
        if (listener === null) return false;
        scene.blameEarly(letter, listener);
        listener.outlet.close(CommonFault.none);
        return false;
      },
    }),
  },
  {
    name: 'reorders-blocks',
    what: 'swaps two blocks of a stream',
    expects: ['changed', 'reordered', 'missing', 'extra'],
    breaks: onceTwo(isBlock, (first, second, scene) => {
      for (const what of ['changed', 'reordered', 'missing', 'extra'] as const) {
        scene.blame(what, first);
        scene.blame(what, second);
      }
      return [second, first];
    }),
  },
  {
    name: 'loses-block',
    what: 'loses a block of a stream',
    expects: ['missing'],
    breaks: once(isMiddleBlock, drop),
  },
  {
    name: 'corrupts-stream',
    what: 'changes the last byte of a block',
    expects: ['changed'],
    breaks: once(
      isMiddleBlock,
      change((bytes) => void (bytes[bytes.length - 1]! ^= 0x01)),
    ),
  },
  {
    name: 'swaps-directions',
    what: 'gives both ends of a stream what they said themselves',
    expects: ['missing', 'changed', 'extra'],
    breaks: swapsDirections,
  },
  { name: 'fair', what: 'breaks nothing', expects: [], breaks: none },
  {
    name: 'recuts-streams',
    what: 'merges the blocks of streams, and cuts them elsewhere',
    expects: [],
    breaks: recuts,
  },
  {
    name: 'fills-padding',
    what: 'leaves garbage in the padding of addresses',
    expects: [],
    breaks: whenever(
      ({ from, to, kind }) => from !== to && kind !== Kind.ptpDelivered,
      (letter, scene) => {
        const bytes = Uint8Array.from(letter.bytes);
        bytes.set([0xde, 0xad], 6);
        scene.deliver({ ...letter, bytes });
      },
    ),
  },
  {
    name: 'slow',
    what: 'is 20 ms slow with everything',
    expects: [],
    breaks: delays(() => SLOW_MS),
  },
  {
    name: 'slow-start',
    what: 'takes 300 ms for each of its first letters, and is as fast as others after them',
    expects: [],
    breaks: delays((letters) => (letters <= SLOW_START_LETTERS ? SLOW_START_MS : 0)),
  },
];

const ofAdhocctl: readonly Row[] = [
  {
    name: 'forgets-third',
    what: 'tells only the first member of a group of a newcomer',
    expects: ['missing'],
    breaks: forgetsThird,
  },
  {
    name: 'wrong-founder',
    what: 'tells a newcomer that the group is its own',
    expects: ['changed'],
    breaks: once(
      (letter) =>
        isKind(Control.connectBssid)(letter) && macText(letter.bytes, MAC_AT) !== letter.to.endpoint,
      change((bytes, { to }) => bytes.set(addressOf(to).subarray(0, MAC_BYTES), MAC_AT)),
    ),
  },
  {
    name: 'scan-misses',
    what: 'leaves a group out of what a scan answers',
    expects: ['missing'],
    breaks: once(isKind(Control.scanResult), drop),
  },
  {
    name: 'chat-echoes',
    what: 'says to those who chat what they said',
    expects: ['extra'],
    breaks: once(isKind(Control.chatDelivered), (letter, scene) => {
      scene.deliver(letter);
      misdeliver(letter, letter.cause, scene);
    }),
  },
  {
    name: 'forgets-farewell',
    what: 'does not tell a member that another has left',
    expects: ['missing'],
    breaks: once(isKind(Control.peerDisconnected), drop),
  },
  {
    name: 'farewell-of-another',
    what: 'says that another has left than did',
    expects: ['changed'],
    breaks: once(
      isKind(Control.peerDisconnected),
      change((bytes) => void (bytes[MAC_AT]! ^= 0x40)),
    ),
  },
  {
    name: 'cuts-nicknames',
    what: 'passes on only the first letter of a nickname',
    expects: ['changed'],
    breaks: once(
      isNews,
      change((bytes) => void bytes.fill(0, 2, 129)),
    ),
  },
  {
    name: 'other-numbers',
    what: 'gives players other numbers, each one the same wherever it means them',
    expects: [],
    breaks: whenever(
      ({ kind }) => handleAt[kind] !== undefined,
      (letter, scene) => {
        const bytes = Uint8Array.from(letter.bytes);
        const at = handleAt[letter.kind]!;
        for (let i = at; i < at + HANDLE_BYTES; i++) bytes[i]! ^= 0x5a;
        scene.deliver({ ...letter, bytes });
      },
    ),
  },
  {
    name: 'slow-adhocctl',
    what: 'is 20 ms slow with everything that it says of the lobby',
    expects: [],
    breaks: delays(() => SLOW_MS),
  },
];

export const mutants: readonly Mutant[] = [
  ...ofPostoffice.map((row) => ({ ...row, protocol: postoffice })),
  ...ofAdhocctl.map((row) => ({ ...row, protocol: adhocctl })),
];

export function mutant(name: string): Mutant {
  const found = mutants.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no mutant ${name}`);
  return found;
}

// Running one -------------------------------------------------------------------------------------

export interface RunningMutant {
  /** Of its postoffice. */
  readonly port: number;
  readonly adhocctlPort: number;
  /** What it has broken so far, in the order in which it did. */
  readonly damages: readonly Damage[];
  stop(): Promise<void>;
}

/** In this process, on 127.0.0.1. */
export async function startMutant({ protocol, breaks, front }: Mutant): Promise<RunningMutant> {
  const scene = new Scene(protocol);
  scene.breaker = breaks(scene);
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [postoffice, adhocctl].map((each) => ({
      protocol: each,
      port: 0,
      ...(each === protocol && { createHub: (context) => breakingHub(scene, context) }),
    })),
    maxConnections: 1_000,
    tap: null,
  });
  await relay.start();
  const [port = 0, adhocctlPort = 0] = relay.addresses.map((address) => address.port);
  const before = (await front?.(port)) ?? null;
  return {
    port: before?.port ?? port,
    adhocctlPort,
    damages: scene.damages,
    async stop() {
      scene.stop();
      await before?.stop();
      await relay.stop(200);
    },
  };
}
