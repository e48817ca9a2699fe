/**
 * Whatever clients do, in whatever order and whatever pieces: each is sent whole messages alone, each sender's in the
 * order in which it sent them, and none is lost that the page does not let be lost. Held against an account that is kept
 * as plainly as the page has it, and that knows neither turns nor holds.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommonFault, describeFault } from '../../../protocol/fault.ts';
import { tcpRelay } from '../../../protocol/tcp-relay/index.ts';
import { type BenchConnection, BenchTop } from '../../kit/bench-top.ts';
import { join } from '../../kit/bytes.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { message, named } from '../../kit/tcp-relay-wire.ts';

const NAMES = ['ann', 'bob', 'cid', 'dan', 'eve'] as const;

type Act = { readonly who: number } & (
  | { readonly does: 'say'; readonly to: number; readonly size: number }
  | { readonly does: 'send'; readonly bytes: number }
  | { readonly does: 'break' }
);

const anyWho = fc.nat(NAMES.length - 1);
const says = fc.record({
  who: anyWho,
  does: fc.constant('say' as const),
  // One more than there are: nobody.
  to: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 3, arbitrary: fc.nat(NAMES.length) }),
  size: fc.oneof(fc.nat(3), fc.integer({ min: 4, max: 60 })),
});
const sends = fc.record({ who: anyWho, does: fc.constant('send' as const), bytes: fc.nat(70) });
const breaks = fc.record({ who: anyWho, does: fc.constant('break' as const) });

function acts(withBreaks: boolean): fc.Arbitrary<readonly Act[]> {
  return fc.array(
    fc.oneof(
      { weight: 10, arbitrary: says },
      { weight: 14, arbitrary: sends },
      ...(withBreaks ? [{ weight: 3, arbitrary: breaks }] : []),
    ),
    { minLength: 10, maxLength: 150 },
  );
}

/** What a client has to say, of which it sends a part at a time. */
class Speaker {
  readonly name: string;
  readonly connection: BenchConnection;
  /** What it was about to say, and has not sent. */
  #unsent = new Uint8Array(0);
  #said = 0;

  constructor(top: BenchTop, name: string) {
    this.name = name;
    this.connection = top.connect(name);
    this.connection.push(named(name));
  }

  /** Each message says who sent it, to whom, which it is and how long: `<ann>bob.7.12:xxxxx`. */
  says(to: string, size: number): void {
    const text = `<${this.name}>${to}.${this.#said++}.${size}:${'x'.repeat(size)}`;
    this.#unsent = Uint8Array.from(join([this.#unsent, message(to, text)]));
  }

  sends(bytes: number): void {
    const part = this.#unsent.slice(0, bytes);
    this.#unsent = this.#unsent.slice(bytes);
    if (part.length > 0) this.connection.push(part);
  }

  finishes(): void {
    this.sends(this.#unsent.length);
  }
}

const MESSAGE = /<([a-z]+)>([a-z]+)\.(\d+)\.(\d+):(x*)/y;

interface Heard {
  readonly from: string;
  readonly to: string;
  readonly number: number;
}

/** All that somebody was sent, as messages; what is left over where it is no whole message. */
function heardBy(top: BenchTop, connection: BenchConnection): { messages: readonly Heard[]; rest: string } {
  const parts = top.happenings.flatMap((it) =>
    it.what === 'sent' && it.to === connection ? [it.bytes] : [],
  );
  const text = Buffer.concat(parts).toString('latin1');
  const messages: Heard[] = [];
  let at = 0;
  for (;;) {
    MESSAGE.lastIndex = at;
    const found = MESSAGE.exec(text);
    if (found === null || found[5]?.length !== Number(found[4])) break;
    messages.push({ from: found[1]!, to: found[2]!, number: Number(found[3]) });
    at = MESSAGE.lastIndex;
  }
  return { messages, rest: text.slice(at) };
}

function increases(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
}

it(
  'who stays gets every message that is to it, whole, and each sender’s in order',
  () => {
    fc.assert(
      fc.property(acts(false), (given) => {
        const top = new BenchTop(tcpRelay);
        const all = NAMES.map((name) => new Speaker(top, name));
        const said = new Map<string, string[]>(NAMES.map((name) => [name, []]));
        const counts = new Map<string, number>();
        for (const act of given) {
          const who = all[act.who]!;
          if (act.does === 'send') who.sends(act.bytes);
          if (act.does !== 'say') continue;
          const to = NAMES[act.to] ?? 'nobody';
          const number = counts.get(who.name) ?? 0;
          counts.set(who.name, number + 1);
          said.get(to)?.push(`${who.name} ${number}`);
          who.says(to, act.size);
        }
        // Whoever is in the middle of a message finishes it, so that the others have their turn.
        for (const who of all) who.finishes();
        for (const { name, connection } of all) {
          const { messages, rest } = heardBy(top, connection);
          expect(rest).toBe('');
          expect(messages.every(({ to }) => to === name)).toBe(true);
          expect(messages.map(({ from, number }) => `${from} ${number}`).sort()).toEqual(
            said.get(name)?.sort(),
          );
          for (const other of NAMES)
            expect(increases(messages.filter(({ from }) => from === other).map(({ number }) => number))).toBe(
              true,
            );
        }
        top.endAll();
      }),
      runs(300),
    );
  },
  PROPERTY_TIMEOUT_MS,
);

it(
  'where some break off, who is not closed as cut off has got nothing but whole messages, or the start of one that goes on',
  () => {
    let cutOff = 0;
    fc.assert(
      fc.property(acts(true), (given) => {
        const top = new BenchTop(tcpRelay);
        const here = new Map<string, Speaker>();
        const all: Speaker[] = [];
        const speaker = (name: string): Speaker => {
          const known = here.get(name);
          if (known?.connection.isOpen === true) return known;
          const next = new Speaker(top, name);
          here.set(name, next);
          all.push(next);
          return next;
        };
        for (const act of given) {
          const who = speaker(NAMES[act.who]!);
          if (act.does === 'break') who.connection.end(CommonFault.lost);
          else if (act.does === 'send') who.sends(act.bytes);
          else who.says(NAMES[act.to] ?? 'nobody', act.size);
        }
        for (const who of here.values()) if (who.connection.isOpen) who.finishes();
        for (const { name, connection } of all) {
          const { messages, rest } = heardBy(top, connection);
          expect(messages.every(({ to }) => to === name)).toBe(true);
          if (connection.isOpen) expect(rest).toBe('');
          const { ended } = connection;
          if (ended === null || ended === CommonFault.lost) continue;
          // Nobody is closed for what others do, but for this: and then it has half a message.
          expect(describeFault(tcpRelay, ended).name).toBe('cut-off');
          expect(rest).not.toBe('');
          cutOff++;
        }
        top.endAll();
      }),
      runs(300),
    );
    expect(cutOff).toBeGreaterThan(10);
  },
  PROPERTY_TIMEOUT_MS,
);
