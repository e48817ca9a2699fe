/** Conversations that change, and stay changed. */
import { ALICE, BOB, CAROL, happens, pair, silent, type Story } from '../story.ts';
import type { Socket } from '../stage.ts';

/** The same each second, and never at the same moment twice. */
function jitter(from: Socket, to: Socket, seconds: number, rate: number): void {
  for (let i = 0; i < seconds * rate; i += 1) {
    const wobble = (((i * 7919) % 1000) / 1000 - 0.5) * 0.06;
    from.says(to, Math.max(0, i / rate + wobble), { bytes: 60 + ((i * 31) % 20) });
  }
}

export const rhythmStories: readonly Story[] = [
  happens(
    'rate-change',
    'Bob sends half as often',
    (stage) => {
      const { a, b } = pair(stage);
      b.sends(a, { from: 0, to: 9.98, rate: 30 }).sends(a, { from: 10.02, to: 20, rate: 15 });
    },
    `What ${BOB} sends to ${ALICE} went from about 30 to about 15 datagrams a second around 10.0 s and stayed there`,
  ),
  happens(
    'rate-change',
    'to all others, a moment apart, in the middle of a second; and back again',
    (stage) => {
      const { a, b } = pair(stage);
      const [carol] = stage.players('Carol');
      const c = carol.pdp(1);
      for (const [to, shift] of [[a, 0] as const, [c, 0.4] as const]) {
        b.sends(to, { from: shift, to: 9.5 + shift, rate: 20 });
        b.sends(to, { from: 9.6 + shift, to: 24.5 + shift, rate: 60 });
        b.sends(to, { from: 24.6 + shift, to: 40 + shift, rate: 20 });
      }
    },
    `What ${BOB} sends to ${ALICE} and ${CAROL} went from about 20 to about 60 datagrams a second around 10.0 s and stayed there`,
    `What ${BOB} sends to ${ALICE} and ${CAROL} went from about 60 to about 20 datagrams a second around 24.0 s and stayed there`,
  ),
  silent('rate-change', 'jitter', (stage) => {
    const { a, b } = pair(stage);
    jitter(b, a, 40, 30);
  }),
  silent('rate-change', 'a burst of three seconds', (stage) => {
    const { a, b } = pair(stage);
    b.sends(a, { from: 0, to: 30, rate: 20 }).sends(a, { from: 12, to: 15, rate: 60 });
  }),
  silent('rate-change', 'a lobby, a pause while the game loads, and the game', (stage) => {
    const { a, b } = pair(stage);
    b.sends(a, { from: 0, to: 9.9, rate: 10 }).sends(a, { from: 14, to: 30, rate: 30 });
  }),
  silent('rate-change', 'Bob stops, and starts again', (stage) => {
    const { a, b } = pair(stage);
    for (const at of [0, 12, 24]) b.sends(a, { from: at, to: at + 10, rate: 30 });
  }),
  silent('rate-change', 'half of a while is what the recording lacks', (stage) => {
    const { a, b } = pair(stage);
    b.sends(a, { from: 0, to: 20, rate: 30 });
    for (let at = 10; at < 20; at += 0.1) stage.lacks(at + 0.01, at + 0.09);
  }),
  silent('rate-change', 'a few keep-alives are no rhythm', (stage) => {
    const { a, b } = pair(stage);
    b.sends(a, { from: 0, to: 20, rate: 3 }).sends(a, { from: 20.4, to: 40, rate: 1 });
  }),
  silent('rate-change', 'matching comes first, and then the game', (stage) => {
    const { a, b } = pair(stage);
    for (let i = 0; i < 60; i += 1) b.matches(a, i / 6, 'PING');
    b.sends(a, { from: 10, to: 20, rate: 30 });
  }),
  silent('rate-change', 'where a stream is cut into blocks', (stage) => {
    const [alice, bob] = stage.players('Alice', 'Bob');
    const connect = alice.connects(1025, bob, 20, 0);
    const accept = bob.accepts(20, alice, 1025, 0);
    connect.sends(accept, { from: 0, to: 10, rate: 30 }).sends(accept, { from: 10, to: 20, rate: 15 });
  }),

  happens(
    'size-change',
    'Bob sends thrice as much at a time',
    (stage) => {
      const { a, b } = pair(stage);
      b.sends(a, { from: 0, to: 9.95, rate: 20, bytes: 60 });
      b.sends(a, { from: 10, to: 20, rate: 20, bytes: 180 });
    },
    `What ${BOB} sends to ${ALICE} went from about 60 to about 180 bytes a datagram around 10.0 s and stayed there`,
  ),
  silent('size-change', 'sizes that vary', (stage) => {
    const { a, b } = pair(stage);
    jitter(b, a, 40, 30);
  }),
  silent('size-change', 'one large datagram every ten seconds', (stage) => {
    const { a, b } = pair(stage);
    b.sends(a, { from: 0, to: 40, rate: 20 }).sends(a, { from: 5, to: 40, rate: 0.1, bytes: 9000 });
  }),
  silent('size-change', 'the rate changes and the sizes do not', (stage) => {
    const { a, b } = pair(stage);
    b.sends(a, { from: 0, to: 10, rate: 30 }).sends(a, { from: 10, to: 20, rate: 15 });
  }),
];
