/** Every hub of which there is a trace: fed what real clients once sent, it answers what a real server once answered. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AlphanetHub } from '../../protocol/alphanet/hub.ts';
import { ipv4Of } from '../../protocol/alphanet/ipv4.ts';
import { RememberedVirtualIps } from '../../protocol/alphanet/virtual-ips.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { protocolByName } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';
import { BENCH_ADDRESS, type BenchConnection, BenchTop } from '../kit/bench-top.ts';
import { join, sameBytes } from '../kit/bytes.ts';
import { readTrace, type TraceEvent } from '../kit/trace.ts';

const names = readdirSync(new URL('../fixtures/traces/', import.meta.url)).map(
  (file) => file.split('.', 1)[0]!,
);

/** What a server that was recorded had made up, so that ours makes up the same: by the name of the trace. */
const madeUp: Readonly<Record<string, Protocol['createHub']>> = {
  alphanet: (context) => {
    const virtualIps = new RememberedVirtualIps();
    for (const ip of ['12.34.56.78', '12.34.56.79']) virtualIps.give(BENCH_ADDRESS, ipv4Of(ip));
    return new AlphanetHub(context, { virtualIps });
  },
};

/** Servers that were stopped before they had passed on the last that they were sent. */
const stoppedShort: ReadonlySet<string> = new Set(['alphanet']);

function recorded(name: string): Protocol {
  const protocol = protocolByName(name)!;
  return { ...protocol, createHub: madeUp[name] ?? protocol.createHub };
}

function play(
  protocol: Protocol,
  trace: readonly TraceEvent[],
): { readonly top: BenchTop; readonly connections: ReadonlyMap<number, BenchConnection> } {
  const top = new BenchTop(protocol);
  const connections = new Map<number, BenchConnection>();
  for (const { conn, seconds, what, bytes } of trace) {
    top.advanceTo(1000 * seconds);
    if (what === 'open') connections.set(conn, top.connect(`connection ${conn}`));
    if (what === 'in') connections.get(conn)?.push(bytes);
    if (what === 'end-in') connections.get(conn)?.end(CommonFault.none);
    // What a proxy observes is said by whom it has dialled.
    top.answerDials();
    const dialled = top.dialled[conn];
    if (what === 'out') dialled?.push(bytes);
    if (what === 'end-out') dialled?.end(CommonFault.none);
  }
  return { top, connections };
}

it('there are traces of both servers that emulators speak to', () => {
  expect(names).toEqual(expect.arrayContaining(['adhocctl', 'postoffice']));
});

describe.each(names)('the trace of %s', (name) => {
  const trace = readTrace(name);
  const numbers = [...new Set(trace.map(({ conn }) => conn))];
  const { top, connections } = play(recorded(name), trace);

  function sentTo(connection: BenchConnection | undefined): Uint8Array {
    return join(
      top.happenings.flatMap((it) =>
        (it.what === 'sent' || it.what === 'passed') && it.to === connection ? [it.bytes] : [],
      ),
    );
  }

  it.each(numbers)('connection %i is sent the bytes that it was sent', (number) => {
    const wanted = join(
      trace.flatMap(({ conn, what, bytes }) => (conn === number && what === 'out' ? [bytes] : [])),
    );
    const all = sentTo(connections.get(number));
    const sent = stoppedShort.has(name) ? all.subarray(0, wanted.length) : all;
    expect(sent.length).toBe(wanted.length);
    expect(sameBytes(sent, wanted)).toBe(true);
  });

  it('the connections that the server ended are ended, and no other', () => {
    const ended = numbers.filter((number) => {
      const ends = trace.filter(({ conn, what }) => conn === number && what.startsWith('end-'));
      return ends[0]?.what === 'end-out';
    });
    const closed = top.happenings.flatMap((it) => {
      if (it.what !== 'closed' && it.what !== 'ended') return [];
      return numbers.filter((number) => connections.get(number) === it.to);
    });
    expect(closed.sort()).toEqual(ended);
  });

  it('every frame reached somebody or was meant for the relay', () => {
    const outcomes = [...connections.values()].flatMap((connection) => connection.outcomes);
    expect(outcomes.length).toBeGreaterThan(0);
    const good: readonly number[] = [Outcome.forwarded, Outcome.consumed];
    expect(outcomes.filter((outcome) => !good.includes(outcome))).toEqual([]);
  });

  it('nothing is left when all have gone', () => {
    top.endAll();
  });
});
