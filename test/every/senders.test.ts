/** Every protocol that says of frames for whom they are, or from whom, says so of any whole frame, and truly. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { span } from '../../protocol/memory.ts';
import { protocols } from '../../protocol/registry.ts';
import { Direction, type FrameView } from '../../protocol/types.ts';
import { amidPoison } from '../kit/bytes.ts';
import { BenchTop } from '../kit/bench-top.ts';
import { frames, streams } from '../kit/generate.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

const cases = protocols.flatMap((protocol) =>
  protocol.frames.map((spec, kind) => ({ protocol, spec, kind, title: `${protocol.name} ${spec.name}` })),
);

describe.each(cases)('$title', ({ protocol, spec, kind }) => {
  it(
    'names an endpoint or nobody, from its own bytes alone',
    () => {
      fc.assert(
        fc.property(frames(spec, { dirty: true, bodyMax: 200 }), (bytes) => {
          for (const ask of [protocol.addressee, protocol.sender]) {
            const [one, other] = [0x00, 0xff].map((poison) => {
              return ask?.({ kind, ...amidPoison(bytes, 7, 40, poison) }) ?? null;
            });
            expect(other).toBe(one);
            if (one !== null) expect(one).toMatch(/^\S+$/);
          }
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('names an addressee on its way to the relay only, and a sender on its way from it', () => {
    for (const bytes of fc.sample(frames(spec, { bodyMax: 100 }), { ...runs(20) })) {
      const view: FrameView = { ...span(bytes), kind, at: 0, end: bytes.length };
      if (spec.direction === Direction.toPeer) expect(protocol.addressee?.(view) ?? null).toBeNull();
      else expect(protocol.sender?.(view) ?? null).toBeNull();
    }
  });
});

describe.each(protocols.filter(({ sender }) => sender !== undefined))('$name', (protocol) => {
  // That it is the right one, the bench sees to in every conversation with this hub: here and in `hubs.test.ts`.
  it(
    'names the senders of frames that players have from each other',
    () => {
      const speeches = fc.array(streams(protocol, Direction.toRelay, { crowded: true, bodyMax: 30 }), {
        minLength: 12,
        maxLength: 12,
      });
      const passedOn = new Set(protocol.frames.map(({ becomes }) => becomes));
      let [passed, named] = [0, 0];
      for (const said of fc.sample(speeches, { ...runs(30) })) {
        const top = new BenchTop(protocol);
        const clients = said.map((_, i) => top.connect(`client ${i}`));
        for (let turn = 0; turn < 10; turn++)
          for (const [i, client] of clients.entries()) {
            const next = said[i]?.frames[turn];
            if (next !== undefined) client.push(next.bytes);
          }
        for (const happening of top.happenings) {
          if (happening.what !== 'sent' || !passedOn.has(happening.kind)) continue;
          const { kind, bytes } = happening;
          passed++;
          if ((protocol.sender?.({ ...span(bytes), kind, at: 0, end: bytes.length }) ?? null) !== null)
            named += 1;
        }
        top.endAll();
      }
      // Where nobody can know whom to write to, nothing is passed on among strangers.
      if (passed > 0) expect(named).toBeGreaterThan(0);
    },
    PROPERTY_TIMEOUT_MS,
  );
});
