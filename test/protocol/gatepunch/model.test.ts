/** Lobbies against a model that is too slow to be wrong: lists, searched from the front, for every question anew. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gatepunch } from '../../../protocol/gatepunch/index.ts';
import { BENCH_UNIX_MS, BenchTop } from '../../kit/bench-top.ts';
import { command, lobby2, reg2 } from '../../kit/gatepunch-wire.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';

const texts = fc.constantFrom('', '', 'a', 'b', 'B', '10', '9', 'é', '"\\', '\u{1f3ae}');
const data = fc.array(texts, { minLength: 8, maxLength: 8 });
const who = fc.nat(5);

type Step =
  | { readonly does: 'register'; readonly who: number; readonly data: readonly string[] | null }
  | { readonly does: 'end'; readonly who: number }
  | { readonly does: 'wait'; readonly ms: number }
  | {
      readonly does: 'ask';
      readonly filters: readonly string[];
      readonly sort: string;
      readonly order: string;
      readonly limit: string;
    };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('register' as const), who, data: fc.option(data) }),
    fc.record({ does: fc.constant('register' as const), who, data: fc.option(data) }),
    fc.record({ does: fc.constant('end' as const), who }),
    fc.record({ does: fc.constant('wait' as const), ms: fc.nat(1500) }),
    fc.record({
      does: fc.constant('ask' as const),
      filters: fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant('') }, texts), {
        minLength: 8,
        maxLength: 8,
      }),
      sort: fc.constantFrom('', 'date', 'data1', 'data2', 'data8', 'data0', 'createdTime'),
      order: fc.constantFrom('ASC', 'DESC', '', 'asc'),
      limit: fc.constantFrom('', '', '0', '1', '3', '100', 'x', '-1'),
    }),
  ),
  { minLength: 10, maxLength: 60 },
);

/** A server as lobbies show it, with the number of the connection that it is of. */
interface Entry {
  readonly of: number;
  readonly shown: Record<string, string | number>;
}

/** Whether `one` comes after `other`, by the wire page: `DESC` ascends, and `ASC` is the reverse. */
function isAfter(one: Entry, other: Entry, sort: string, order: string): boolean {
  const key = /^data[1-8]$/.test(sort) ? sort : 'createdTime';
  const [left, right] = [one.shown[key]!, other.shown[key]!];
  return order === 'ASC' ? left < right : left > right;
}

/** Sorted by changing neighbours that stand wrong, so that equals stay as they are. */
function sorted(entries: readonly Entry[], sort: string, order: string): Entry[] {
  const all = [...entries];
  for (let wrong = true; wrong;) {
    wrong = false;
    for (let i = 1; i < all.length; i++) {
      if (!isAfter(all[i - 1]!, all[i]!, sort, order)) continue;
      [all[i - 1], all[i]] = [all[i]!, all[i - 1]!];
      wrong = true;
    }
  }
  return all;
}

function keep(
  entries: readonly Entry[],
  { filters, sort, order, limit }: Extract<Step, { does: 'ask' }>,
): object[] {
  const matching = entries.filter(({ shown }) => {
    for (const [i, wanted] of filters.entries())
      if (wanted !== '' && shown[`data${i + 1}`] !== wanted) return false;
    return true;
  });
  const all = sorted(matching, sort, order);
  return all.slice(0, /^[0-9]+$/.test(limit) ? Number(limit) : all.length).map(({ shown }) => shown);
}

it(
  'shows what the model shows, after whatever came before',
  () => {
    fc.assert(
      fc.property(steps, (script) => {
        const top = new BenchTop(gatepunch);
        const asking = top.connect('client', '203.0.113.1');
        // Six connections from three addresses.
        const servers = new Map<number, ReturnType<BenchTop['connect']>>();
        let entries: Entry[] = [];
        let conn = 0;
        const numbers = new Map<number, number>();
        for (const step of script) {
          if (step.does === 'wait') top.advanceTo(top.elapsedMs + step.ms);
          if (step.does === 'end') {
            servers.get(step.who)?.end(0);
            servers.delete(step.who);
            entries = entries.filter(({ of }) => of !== numbers.get(step.who));
          }
          if (step.does === 'register') {
            const ip = `198.51.100.${step.who % 3}`;
            if (!servers.has(step.who)) {
              servers.set(step.who, top.connect(`server ${step.who}`, ip));
              numbers.set(step.who, ++conn);
            }
            const of = numbers.get(step.who)!;
            servers.get(step.who)!.push(step.data === null ? command('reg') : reg2('1.2.3', ...step.data));
            const createdTime = Math.floor((BENCH_UNIX_MS + top.elapsedMs) / 1000);
            const shown: Record<string, string | number> = { ip };
            for (let i = 1; i <= 8; i++) shown[`data${i}`] = step.data?.[i - 1] ?? '';
            const own = entries.find((entry) => entry.of === of);
            if (own === undefined) {
              entries = entries.filter((entry) => entry.shown['ip'] !== ip);
              entries.push({ of, shown: { ...shown, createdTime } });
            } else {
              Object.assign(own.shown, shown);
            }
          }
          if (step.does === 'ask') {
            const filters = Object.fromEntries(step.filters.map((text, i) => [i + 1, text]));
            asking.push(lobby2({ ...step, filters }));
            const answer = top.happenings.at(-1)!;
            if (answer.what !== 'sent') throw new Error('nothing was answered');
            const text = Buffer.from(answer.bytes.subarray(1)).toString();
            expect(text).toBe(`${JSON.stringify(keep(entries, step))}\n`);
          }
        }
        top.endAll();
      }),
      runs(500),
    );
  },
  PROPERTY_TIMEOUT_MS,
);
