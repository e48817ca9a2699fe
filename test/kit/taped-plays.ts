/** The same evening as often as one likes, by players of any addresses: what two recordings of one play are. */
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { connect as connectGroup, login, person } from './adhocctl-wire.ts';
import { payload } from './bytes.ts';
import {
  accept,
  address,
  type Address,
  block,
  connect,
  datagram,
  listen,
  pdpOpen,
} from './postoffice-wire.ts';
import { Tape, type TapedClient } from './taped.ts';

export interface Evening {
  /** Twelve digits each: Ann, Bob and Cid. */
  readonly macs: readonly [string, string, string];
  /** Of everybody's datagram socket. */
  readonly port: number;
  /** Of the stream that Bob opens, and of the next one. */
  readonly streamPorts: readonly [number, number];
  readonly nicknames: readonly [string, string, string] | null;
  /** What Ann sends to Bob, in its order. */
  readonly words: readonly Uint8Array[];
  /** What Bob says by stream. */
  readonly stream: readonly Uint8Array[];
  /** Which end of each stream goes first. */
  readonly leaves: 'connector' | 'acceptor';
  /** In what order the three open their sockets. */
  readonly arrival: readonly [number, number, number];
}

export const EVENING: Evening = {
  macs: ['02aabbccdd01', '02aabbccdd02', '02aabbccdd03'],
  port: 100,
  streamPorts: [5001, 5002],
  nicknames: null,
  words: Array.from({ length: 12 }, (_, i) => payload(20 + i, i)),
  stream: [payload(300, 1), payload(50, 2)],
  leaves: 'connector',
  arrival: [0, 1, 2],
};

/** Other machines, other ports, and nothing else. */
export const ELSEWHERE: Partial<Evening> = {
  macs: ['021122334401', '021122334402', '021122334403'],
  port: 700,
  streamPorts: [6103, 5001],
};

export interface Cast {
  readonly tape: Tape;
  readonly sockets: readonly [TapedClient, TapedClient, TapedClient];
  readonly addresses: readonly [Address, Address, Address];
}

/**
 * Ann sends to Bob, Bob to Cid, Cid to nobody, and Bob says something by each of two streams to Ann.
 * `more` happens before they leave. Answers the capture's file.
 */
export function playEvening(
  changes: Partial<Evening> = {},
  more: (cast: Cast) => void = () => undefined,
  tape = new Tape(),
): string {
  const evening = { ...EVENING, ...changes };
  const { macs, port, nicknames, words, stream, arrival } = evening;
  const addresses = macs.map((mac) => address(mac, port)) as unknown as Cast['addresses'];
  const [ann, bob, cid] = addresses;
  const controls =
    nicknames === null
      ? []
      : arrival.map((who) =>
          tape
            .connect(adhocctl)
            .sends(login(person(macs[who]!, nicknames[who]!)))
            .sends(connectGroup('ROOM')),
        );
  const opened = new Map(
    arrival.map((who) => [who, tape.connect(postoffice).sends(pdpOpen(addresses[who]!))]),
  );
  const sockets = [0, 1, 2].map((who) => opened.get(who)!) as unknown as Cast['sockets'];
  for (const word of words) {
    sockets[0].sends(datagram(bob, word));
    sockets[1].sends(datagram(cid, word.subarray(0, 9)));
    tape.wait(15);
  }
  sockets[2].sends(datagram(address(macs[0], 999), payload(5)));
  const shop = address(macs[0], 200);
  const listener = tape.connect(postoffice).sends(listen(shop));
  for (const [i, streamPort] of evening.streamPorts.entries()) {
    const self = address(macs[1], streamPort);
    const connector = tape.connect(postoffice).sends(connect(self, shop));
    const acceptor = tape.connect(postoffice).sends(accept(shop, self));
    for (const each of [Uint8Array.of(i), ...stream]) connector.sends(block(each));
    acceptor.sends(block(payload(10, i)));
    (evening.leaves === 'connector' ? connector : acceptor).ends();
  }
  more({ tape, sockets, addresses: [ann, bob, cid] });
  listener.ends();
  for (const client of [...sockets, ...controls]) client.ends();
  return tape.end();
}
