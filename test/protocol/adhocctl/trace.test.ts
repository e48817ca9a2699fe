/** The hub, fed what a real client once sent, answers what a real server once answered. */
import { expect, it } from 'vitest';
import { CommonFault } from '../../../protocol/fault.ts';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { type BenchConnection, BenchTop } from '../../kit/bench-top.ts';
import { join, sameBytes } from '../../kit/bytes.ts';
import { readTrace } from '../../kit/trace.ts';

const trace = readTrace('adhocctl');
const numbers = [...new Set(trace.map(({ conn }) => conn))];

function play(): { readonly top: BenchTop; readonly connections: ReadonlyMap<number, BenchConnection> } {
  const top = new BenchTop(adhocctl);
  const connections = new Map<number, BenchConnection>();
  for (const { conn, seconds, what, bytes } of trace) {
    top.advanceTo(1000 * seconds);
    if (what === 'open') connections.set(conn, top.connect(`connection ${conn}`));
    if (what === 'in') connections.get(conn)?.push(bytes);
    if (what === 'end-in') connections.get(conn)?.end(CommonFault.none);
  }
  return { top, connections };
}

const { top, connections } = play();

function sentTo(connection: BenchConnection | undefined): Uint8Array {
  return join(top.happenings.flatMap((it) => (it.what === 'sent' && it.to === connection ? [it.bytes] : [])));
}

it.each(numbers)('connection %i of the trace is sent the bytes that it was sent', (number) => {
  const wanted = join(
    trace.flatMap(({ conn, what, bytes }) => (conn === number && what === 'out' ? [bytes] : [])),
  );
  const sent = sentTo(connections.get(number));
  expect(sent.length).toBe(wanted.length);
  expect(sameBytes(sent, wanted)).toBe(true);
});

it('the connections that the server ended are ended, and no other', () => {
  const ended = numbers.filter((number) => {
    const ends = trace.filter(({ conn, what }) => conn === number && what.startsWith('end-'));
    return ends[0]?.what === 'end-out';
  });
  const closed = top.happenings.flatMap((it) => (it.what === 'closed' ? [it.to.id - 1] : []));
  expect(closed.sort()).toEqual(ended);
});

it('every frame of the trace was meant for the relay', () => {
  const outcomes = new Set([...connections.values()].flatMap((connection) => connection.outcomes));
  expect([...outcomes].sort()).toEqual([1]);
});

it('nothing is left when all have gone', () => {
  top.endAll();
});
