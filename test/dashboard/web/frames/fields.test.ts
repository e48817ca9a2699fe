import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodedFrame, type FilterConnection } from '../../../../analysis/filter/decode.ts';
import { evaluate } from '../../../../analysis/filter/evaluate.ts';
import { languageOf } from '../../../../analysis/filter/language.ts';
import { parseFilter } from '../../../../analysis/filter/parse.ts';
import type { FrameDetail, FrameRow } from '../../../../dashboard/api/frames.ts';
import {
  BYTES_NAMED_MAX,
  cellFilter,
  fieldFilter,
  narrowed,
  secondsOf,
} from '../../../../dashboard/web/src/views/session/frames/field-filter.ts';
import {
  cellMenu,
  fieldMenu,
  maskOf,
} from '../../../../dashboard/web/src/views/session/frames/field-menu.ts';
import {
  type Dissectable,
  fieldAt,
  fieldTree,
  type Known,
} from '../../../../dashboard/web/src/views/session/frames/fields.ts';
import { encode } from '../../../../protocol/layout.ts';
import { payloadProtocols } from '../../../../protocol/payload.ts';
import { protocolByName, protocols } from '../../../../protocol/registry.ts';
import type { Protocol } from '../../../../protocol/types.ts';
import { frames } from '../../../kit/generate.ts';
import { payloads } from '../../../kit/payloads.ts';
import { runs } from '../../../kit/property.ts';
import { scribe, ScribeKind } from '../../../kit/scribe.ts';

const all = [...protocols, scribe];
const words = languageOf(all, payloadProtocols);
const known: Known = {
  language: words,
  protocolById: (id) => all.find((protocol) => protocol.id === id) ?? null,
};

const kinds = all.flatMap((protocol) =>
  protocol.frames.map((spec, kindIndex) => ({ protocol, spec, kindIndex })),
);

const connection = (protocol: Protocol, more: Partial<FilterConnection> = {}): FilterConnection => ({
  protocol,
  remoteAddress: '192.0.2.1',
  remotePort: 4_000,
  role: 'pdp',
  endpoint: '02:00:00:00:00:01/100',
  nickname: null,
  ...more,
});

function decoded(protocol: Protocol, kind: number, bytes: Uint8Array): DecodedFrame {
  const frame = {
    sequence: 7,
    arrived: 1_500_000_001,
    departed: null,
    from: 1,
    to: 2,
    kind,
    outcome: 0,
    bytes,
  };
  return new DecodedFrame(frame, connection(protocol), connection(protocol));
}

function passes(filter: string, frame: DecodedFrame): boolean {
  return evaluate(parseFilter(filter, words), frame);
}

const pdp = (() => {
  const protocol = protocolByName('postoffice') as Protocol;
  const kindIndex = protocol.frames.findIndex(({ name }) => name === 'pdp');
  const inside = payloadProtocols[0] as (typeof payloadProtocols)[number];
  return { protocol, kindIndex, inside, spec: protocol.frames[kindIndex] as Protocol['frames'][number] };
})();

/** A datagram with a payload of a protocol inside. */
const carrying = fc.nat({ max: pdp.inside.frames.length - 1 }).chain((kind) =>
  payloads(pdp.inside.frames[kind] as (typeof pdp.inside.frames)[number]).map((payload) => ({
    kind,
    payload,
    bytes: encode(pdp.spec, { addr: '02:00:00:00:00:02', port: 12, payload }),
  })),
);

const detailOf = (kind: number): Dissectable => ({
  protocolId: pdp.protocol.id,
  kind: 'pdp',
  kindIndex: pdp.kindIndex,
  payload: { protocol: pdp.inside.name, kind },
});

describe('the tree of a frame’s fields', () => {
  test.each(kinds)('holds every byte of $protocol.name $spec.name', ({ protocol, spec, kindIndex }) => {
    fc.assert(
      fc.property(frames(spec), (bytes) => {
        const detail = { protocolId: protocol.id, kind: spec.name, kindIndex, payload: null };
        const { rows } = fieldTree(detail, bytes, known);
        expect(rows.map(({ index }) => index)).toEqual([...rows.keys()]);
        let end = 0;
        for (const row of rows.filter(({ depth }) => depth === 0)) {
          expect(row.at).toBe(end);
          end += row.size;
          const below = rows.slice(row.index + 1);
          const inside = below.slice(0, below.findIndex(({ depth }) => depth === 0) >>> 0);
          for (const part of inside) {
            expect(part.depth).toBe(1);
            expect(part.at).toBeGreaterThanOrEqual(row.at);
            expect(part.at + part.size).toBeLessThanOrEqual(end);
          }
          for (const place of row.size > 0 ? [row.at, end - 1] : [])
            expect([row, ...inside]).toContain(fieldAt(rows, place));
        }
        expect(end).toBe(bytes.length);
        expect(fieldAt(rows, end)).toBeNull();
      }),
      runs(20),
    );
  });

  test('has what is inside a payload below it, at its place in the frame', () => {
    fc.assert(
      fc.property(carrying, ({ kind, payload, bytes }) => {
        const { rows, payloadTitle } = fieldTree(detailOf(kind), bytes);
        const outer = rows.find(({ name }) => name === 'payload');
        const inner = rows.filter(({ depth }) => depth === 1);
        expect(payloadTitle).toContain(pdp.inside.name);
        expect(inner.map(({ heading }) => heading)).toEqual(
          inner.map((_, i) => (i === 0 ? payloadTitle : null)),
        );
        expect(inner.reduce((sum, { size }) => sum + size, 0)).toBe(payload.length);
        for (const row of inner) {
          expect(row.at).toBeGreaterThanOrEqual(outer?.at ?? 0);
          if (row.size > 0) expect(fieldAt(rows, row.at)).toBe(row);
        }
      }),
      runs(60),
    );
  });

  test('has what is inside a field below it, at its place in the frame, with names that filters and masks know', () => {
    const detail = { protocolId: scribe.id, kind: 'card', kindIndex: ScribeKind.card, payload: null };
    const spec = scribe.frames[ScribeKind.card] as Protocol['frames'][number];
    const bytes = encode(spec, { owner: 'a\\x00b', level: 9, port: 258 });
    const { rows } = fieldTree(detail, bytes, known);
    expect(rows.map(({ name, at, size, depth, text }) => [name, at, size, depth, text])).toEqual([
      ['size', 0, 2, 0, '8'],
      ['tag', 2, 1, 0, '1'],
      ['card', 3, 7, 0, '03610062090102'],
      ['owner', 4, 3, 1, '"a\\x00b"'],
      ['level', 7, 1, 1, 'HIGH (9)'],
      ['port', 8, 2, 1, '258'],
    ]);
    expect(fieldAt(rows, 5)?.name).toBe('owner');
    expect(fieldAt(rows, 3)?.name).toBe('card');
    expect(rows.every(({ heading }) => heading === null)).toBe(true);
    const owner = rows[3] as (typeof rows)[number];
    expect(owner.mask).toEqual({ field: 'owner' });
    expect(fieldFilter(owner, '==', bytes, words)).toBe('scribe.owner == "a\\x00b"');
  });

  test('has nothing to say of a protocol or a kind that this version does not know', () => {
    const unknown = { protocolId: 9_999, kind: 'kind-3', kindIndex: 3, payload: null };
    expect(fieldTree(unknown, Uint8Array.of(1)).rows).toEqual([]);
    expect(fieldTree({ ...unknown, protocolId: 1, kindIndex: 255 }, Uint8Array.of(1)).rows).toEqual([]);
    expect(fieldTree({ ...unknown, protocolId: null }, new Uint8Array()).rows).toEqual([]);
  });
});

describe('a filter on a field', () => {
  test.each(kinds)(
    'of $protocol.name $spec.name is true of the frame, and its opposite is not',
    ({ protocol, spec, kindIndex }) => {
      let filters = 0;
      fc.assert(
        fc.property(frames(spec), (bytes) => {
          const detail = { protocolId: protocol.id, kind: spec.name, kindIndex, payload: null };
          const frame = decoded(protocol, kindIndex, bytes);
          for (const row of fieldTree(detail, bytes, known).rows) {
            const same = fieldFilter(row, '==', bytes, words);
            const other = fieldFilter(row, '!=', bytes, words);
            expect(same === null).toBe(other === null);
            if (same === null || other === null) continue;
            filters++;
            expect([same, passes(same, frame)]).toEqual([same, true]);
            // Of several addresses in a field some differ from others, so its opposite is written with `!`.
            expect([other, passes(other, frame)]).toEqual([other, false]);
          }
        }),
        runs(15),
      );
      if (spec.fields.length > 0) expect(filters).toBeGreaterThan(0);
    },
  );

  test('inside a payload is true of the frame as well', () => {
    fc.assert(
      fc.property(carrying, ({ kind, bytes }) => {
        const frame = decoded(pdp.protocol, pdp.kindIndex, bytes);
        frame.reading = { protocol: pdp.inside, kind };
        for (const row of fieldTree(detailOf(kind), bytes).rows) {
          const filter = fieldFilter(row, '==', bytes);
          if (filter !== null) expect([filter, passes(filter, frame)]).toEqual([filter, true]);
        }
      }),
      runs(60),
    );
  });

  test('is not offered on bytes that are too many to name', () => {
    const payload = new Uint8Array(BYTES_NAMED_MAX + 1);
    const bytes = encode(pdp.spec, { addr: '02:00:00:00:00:02', port: 1, payload });
    const row = fieldTree({ ...detailOf(0), payload: null }, bytes).rows.find(
      ({ name }) => name === 'payload',
    );
    expect(row).toBeDefined();
    expect(row === undefined ? '' : fieldFilter(row, '==', bytes)).toBeNull();
  });
});

const row = (more: Partial<FrameRow> = {}): FrameRow => ({
  sequence: 7,
  at: 1_500_000_001,
  departed: null,
  from: { conn: 1, endpoint: '02:00:00:00:00:01/100', player: '02:00:00:00:00:01' },
  to: { conn: 2, endpoint: '02:00:00:00:00:01/100', player: '02:00:00:00:00:01' },
  protocol: 'postoffice',
  kind: 'pdp',
  size: 20,
  outcome: 'forwarded',
  summary: '',
  columns: [],
  comments: 0,
  ...more,
});

describe('a filter on a cell of the list', () => {
  const frame = decoded(pdp.protocol, pdp.kindIndex, new Uint8Array(20));
  test.each(['sequence', 'time', 'from', 'to', 'kind', 'size', 'outcome'])(
    'of %s is true of its frame, and its opposite is not',
    (column) => {
      expect(passes(cellFilter(row(), column, '==') ?? '', frame)).toBe(true);
      expect(passes(cellFilter(row(), column, '!=') ?? '', frame)).toBe(false);
    },
  );

  test.each([
    ['the relay', { conn: 0, endpoint: null, player: null }, 'from == relay'],
    ['somebody who has not said who it is', { conn: 9, endpoint: null, player: null }, 'from.conn == 9'],
    ['a player who is called relay', { conn: 3, endpoint: 'relay', player: 'relay' }, 'from == "relay"'],
    ['a name with quotes', { conn: 3, endpoint: 'a "b"', player: 'a "b"' }, String.raw`from == "a \"b\""`],
  ] as const)('names %s', (_, from, filter) => {
    expect(cellFilter(row({ from: from }), 'from', '==')).toBe(filter);
  });

  test('is not offered where the cell is no field', () => {
    expect(cellFilter(row(), 'summary', '==')).toBeNull();
  });
});

describe('two filters', () => {
  test.each([
    ['', 'size == 1', 'size == 1'],
    ['kind == pdp', 'size == 1', 'kind == pdp && size == 1'],
    ['kind == pdp || kind == ptp', 'size == 1', '(kind == pdp || kind == ptp) && size == 1'],
    ['kind == pdp', 'size == 1 || size == 2', 'kind == pdp && (size == 1 || size == 2)'],
    ['kind ==', 'size == 1', 'size == 1'],
  ])('%j and %j are %j', (has, added, both) => {
    expect(narrowed(has, added)).toBe(both);
  });

  test('have times that mean the same nanosecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e14 }), (nanos) => {
        const tree = parseFilter(`time == ${secondsOf(nanos)}`, words);
        expect(tree.kind === 'comparison' ? tree.literals[0]?.value : null).toBe(nanos);
      }),
      runs(300),
    );
  });
});

describe('the menu of a field', () => {
  const detail = { ...row(), ...detailOf(0) } as unknown as FrameDetail;
  const bytes = encode(pdp.spec, {
    addr: '02:00:00:00:00:02',
    port: 12,
    payload: new Uint8Array(64),
  });
  const tree = fieldTree({ ...detailOf(0), payload: null }, bytes);
  const does = (more: object = {}) => ({
    filter: () => undefined,
    addColumn: () => undefined,
    mask: () => undefined,
    hasMask: () => false,
    columns: [],
    ...more,
  });

  test('filters, adds a column, masks and copies', () => {
    const first = tree.rows[0];
    if (first === undefined) throw new Error('no field');
    const chosen: string[] = [];
    const items = fieldMenu(first, tree, detail, bytes, {
      ...does(),
      filter: (text) => chosen.push(text),
      addColumn: (name) => chosen.push(name),
      mask: (mask) => chosen.push(JSON.stringify(mask)),
    });
    for (const { text, run } of items) if (!text.startsWith('Copy')) run();
    expect(chosen).toEqual([
      fieldFilter(first, '==', bytes),
      fieldFilter(first, '!=', bytes),
      first.filterName,
      JSON.stringify(maskOf(first, tree, detail)),
    ]);
  });

  test('does not offer what is there already', () => {
    const first = tree.rows[0];
    if (first === undefined) throw new Error('no field');
    const items = fieldMenu(
      first,
      tree,
      detail,
      bytes,
      does({ columns: [first.filterName], hasMask: () => true }),
    );
    expect(items.filter(({ isDisabled }) => isDisabled === true)).toHaveLength(2);
  });

  test('masks what a receiver sees: a field by its name, a payload whole, and what is inside by its place', () => {
    const inner = fieldTree(detailOf(0), bytes);
    const masks = inner.rows.map((each) => maskOf(each, inner, detail));
    expect(masks.every((mask) => mask === null || mask.kind === 'pdp-delivered')).toBe(true);
    const payload = inner.rows.find(({ name, depth }) => name === 'payload' && depth === 0);
    expect(payload && maskOf(payload, inner, detail)).toMatchObject({ bytes: 'all' });
    const deep = inner.rows.find(({ depth, size }) => depth === 1 && size > 0);
    expect(deep && maskOf(deep, inner, detail)).toMatchObject({
      size: 64,
      at: deep && deep.at - (payload?.at ?? 0),
    });
  });

  test('of a row of the list has filters too', () => {
    expect(cellMenu(row(), 'size', does()).map(({ text }) => text)).toContain('size == 20');
  });
});
