/** Ann and Bob, who talk by datagrams: the shortest recordings that a replay can make anything of. */
import { postoffice } from '../../protocol/postoffice/index.ts';
import { payload } from './bytes.ts';
import { address, datagram, pdpOpen } from './postoffice-wire.ts';
import { Tape, type TapedClient } from './taped.ts';

export const ANN = address('02aabbccdd01', 100);
export const BOB = address('02aabbccdd02', 100);

export interface Talkers {
  readonly tape: Tape;
  readonly ann: TapedClient;
  readonly bob: TapedClient;
}

/** What they do between their openings and their ends. Answers the capture's file. */
export function tapedTalk(talk: (talkers: Talkers) => void): string {
  const tape = new Tape();
  const ann = tape.connect(postoffice).sends(pdpOpen(ANN));
  const bob = tape.connect(postoffice).sends(pdpOpen(BOB));
  talk({ tape, ann, bob });
  for (const each of [ann, bob]) each.ends();
  return tape.end();
}

/** By turns, so that each answers the other; `waitMs` passes before each turn. */
export function pingPong(turns: number, { waitMs = 0, bytes = 20 } = {}): string {
  return tapedTalk(({ tape, ann, bob }) => {
    for (let turn = 0; turn < turns; turn++) {
      tape.wait(waitMs);
      if (turn % 2 === 0) ann.sends(datagram(BOB, payload(bytes, turn)));
      else bob.sends(datagram(ANN, payload(bytes, turn)));
    }
  });
}
