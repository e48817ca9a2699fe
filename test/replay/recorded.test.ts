/** Recorded sessions as units: what each receiver got, in its own words or in those of another play. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { hex } from '../../protocol/address.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { RecordedPlay, type Telling } from '../../replay/recorded.ts';
import { Translation } from '../../replay/translation.ts';
import { address, block, datagram, pdpOpen } from '../kit/postoffice-wire.ts';
import { MadeSession } from '../kit/session-view.ts';
import { Tape } from '../kit/taped.ts';

const [ANN, BOB] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
const [XEN, YVE] = ['06:00:00:00:00:01', '06:00:00:00:00:02'];

function open(file: string): RecordedPlay {
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  return new RecordedPlay(reader, 1);
}

/** `kind from -> to bytes`. */
function lines(play: RecordedPlay, telling?: Telling): string[] {
  return Array.from(play.units(telling), ({ conversation: { from, to }, unit: { kind, bytes } }) => {
    const ends = [from, to].map(({ role, endpoint }) => `${role} ${endpoint}`.trim());
    return `${postoffice.frames[kind]?.name} ${ends.join(' -> ')} ${hex(bytes)}`;
  });
}

/** Xen and Yve, told as Ann and Bob. */
function asAnnAndBob(): Telling {
  const made = new MadeSession();
  made.pdp(ANN, 1);
  made.pdp(BOB, 1);
  const translation = Translation.of([
    [XEN, ANN],
    [YVE, BOB],
  ]);
  translation.pairEndpoints(`${XEN}/9`, `${ANN}/1`);
  return { cast: new RecordedPlay(made.source(), 1).cast, translation, masks: null };
}

describe('a frame', () => {
  const tape = () => {
    const played = new Tape();
    const [xen, yve] = [address('060000000001', 9), address('060000000002', 1)];
    const [one, other] = [xen, yve].map((each) => played.connect(postoffice).sends(pdpOpen(each)));
    one!.sends(datagram(yve, Uint8Array.of(7)));
    other!.sends(datagram(address('060000000001', 8), Uint8Array.of(8)));
    return played.end();
  };

  it('is what its receiver got, the sender’s stamp included, and as it came where nobody got it', () => {
    expect(lines(open(tape())).slice(2)).toEqual([
      `pdp-delivered P1 ${XEN}/9 -> P2 ${YVE}/1 060000000001000009000100000007`,
      `pdp P2 ${YVE}/1 -> P1 ${XEN}/8 060000000001000008000100000008`,
    ]);
  });

  it('is told in the words of another play, before anybody asks whose conversation it is', () => {
    const play = open(tape());
    expect(lines(play, asAnnAndBob())).toEqual([
      `pdp-open P1 ${ANN}/1 -> relay 000000000200000000010000010000000000000000000000`,
      `pdp-open P2 ${BOB}/1 -> relay 000000000200000000020000010000000000000000000000`,
      `pdp-delivered P1 ${ANN}/1 -> P2 ${BOB}/1 020000000001000001000100000007`,
      `pdp P2 ${BOB}/1 -> P1 ${ANN}/8 020000000001000008000100000008`,
    ]);
    // And is as it was the next time.
    expect(lines(play)[2]).toContain(`P1 ${XEN}/9`);
  });

  it('of a pair that reached nobody is for the other end of it, by its name there', () => {
    const made = new MadeSession();
    const conn = made.connect(`${YVE}/5`, `${XEN}/9`);
    made.frame(conn, 0, Kind.ptp, block(Uint8Array.of(1)), { outcome: Outcome.ignored });
    expect(lines(new RecordedPlay(made.source(), 1), asAnnAndBob()).at(-1)).toBe(
      `ptp P2 ${BOB}/5 -> P1 ${ANN}/1 0100000001`,
    );
  });

  it('that did not quite arrive may not come', () => {
    const made = new MadeSession();
    const [ann, bob] = [made.pdp(ANN, 1), made.pdp(BOB, 1)];
    made.datagram(ann, bob, [1]);
    made.datagram(ann, bob, [2], { outcome: Outcome.undelivered, delayMs: null });
    const units = [...new RecordedPlay(made.source(), 1).units()].map(({ unit }) => unit.isOptional);
    expect(units).toEqual([false, false, false, true]);
  });

  it('names the connections by which it came and went', () => {
    const made = new MadeSession();
    const [ann, bob] = [made.pdp(ANN, 1), made.pdp(BOB, 1)];
    made.datagram(bob, ann, [1]);
    expect([...new RecordedPlay(made.source(), 1).units()].map(({ from, to }) => [from, to])).toEqual([
      [ann, 0],
      [bob, 0],
      [bob, ann],
    ]);
  });
});

describe('a session that goes on', () => {
  it('is read as far as it had come', () => {
    const tape = new Tape();
    const [ann, bob] = [address('020000000001', 1), address('020000000002', 1)];
    const [one] = [ann, bob].map((each) => tape.connect(postoffice).sends(pdpOpen(each)));
    one!.sends(datagram(bob, Uint8Array.of(1)));
    tape.store.commit();
    tape.store.begin();
    const play = open(tape.file);
    expect(play.session.ended).toBeNull();
    one!.sends(datagram(bob, Uint8Array.of(2)));
    tape.store.commit();
    tape.store.begin();
    expect(lines(play)).toHaveLength(3);
    expect(lines(open(tape.file))).toHaveLength(4);
    tape.end();
  });
});

describe('what is known of a session', () => {
  it('is its players’ connections, in order, and their protocols', () => {
    const made = new MadeSession();
    made.pdp(BOB, 1);
    made.open('pdp', `${ANN}/3`, { protocol: null });
    made.stranger(made.pdp('02:00:00:00:00:99', 1));
    made.pdp(ANN, 2);
    const play = new RecordedPlay(made.source(), 1);
    expect(play.connections.map(({ endpoint }) => endpoint)).toEqual([`${BOB}/1`, `${ANN}/3`, `${ANN}/2`]);
    expect([...play.protocols]).toEqual([postoffice]);
  });

  it('counts the frames of which nothing is known', () => {
    const made = new MadeSession();
    const ann = made.pdp(ANN, 1);
    const strange = made.open('pdp', `${BOB}/3`, { protocol: null });
    made.frame(strange, 0, 1, Uint8Array.of(1));
    made.frame(ann, 77, Kind.pdp, datagram(address('020000000002', 1), Uint8Array.of(1)));
    const play = new RecordedPlay(made.source(), 1);
    expect(lines(play)).toHaveLength(1);
    expect(play.unknown).toBe(2);
  });
});
