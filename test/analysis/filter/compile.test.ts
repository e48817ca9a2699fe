/** What SQL says of a filter, held against the slow evaluator over the same frames. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter, type Filter } from '../../../analysis/filter/compile.ts';
import { Decoder } from '../../../analysis/filter/decode.ts';
import { evaluate } from '../../../analysis/filter/evaluate.ts';
import { languageOf } from '../../../analysis/filter/language.ts';
import { filteredFrames } from '../../../analysis/filtered-frames.ts';
import { protocols } from '../../../protocol/registry.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { CaptureStore } from '../../../recorder/store.ts';
import {
  addFrames,
  meta,
  openConnections,
  record,
  temporaryFile,
  temporaryFolder,
} from '../../kit/capture-file.ts';
import { filters, recordings, toyLanguage, toyPayload, type Recording } from '../../kit/filters.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';

const compile = (text: string) => compileFilter(text, toyLanguage);

function addThree(store: CaptureStore): void {
  openConnections(store, 3);
  addFrames(store, 1, 3);
}

/** Behind another capture, so that neither frames nor connections count from where their rows do. */
function write(file: string, recording: Recording): void {
  for (const steps of [addThree, recording]) {
    const store = CaptureStore.open(file, meta, protocols);
    store.begin();
    steps(store);
    store.commit();
    store.finish(99_000_000_000);
  }
}

/** By the evaluator alone, over frames and connections in memory, every payload of which was read. */
function passing(reader: CaptureFile, captureId: number, { tree }: Filter): number[] {
  const connections = reader.connections(captureId);
  const decoder = new Decoder([toyPayload]);
  return [...reader.frames(captureId)]
    .filter((frame) => {
      const [source, target] = [connections.get(frame.from) ?? null, connections.get(frame.to) ?? null];
      return evaluate(tree, decoder.decode(frame, source, target));
    })
    .map(({ sequence }) => sequence);
}

describe('a compiled filter', () => {
  it(
    'lets the same frames pass as the evaluator does, whatever the filter and the capture',
    () => {
      const folder = temporaryFolder();
      let files = 0;
      const seen = { exact: 0, tested: 0, followed: 0, some: 0, none: 0 };
      const cases = fc.tuple(recordings(), fc.array(filters(toyLanguage), { minLength: 12, maxLength: 12 }));
      fc.assert(
        fc.property(cases, ([recording, texts]) => {
          const file = `${folder}/${files++}.db`;
          write(file, recording);
          const reader = CaptureFile.open(file);
          try {
            for (const text of texts) {
              const filter = compile(text);
              const expected = passing(reader, 2, filter);
              const found = [...filteredFrames(reader, 2, filter)].map(({ sequence }) => sequence);
              expect(found, text).toEqual(expected);
              // SQL alone never leaves out what the filter lets pass, and is exact where it says so.
              const allowed = [...reader.frames(2, { where: filter.sql })].map(({ sequence }) => sequence);
              expect(allowed, text).toEqual(filter.exact ? expected : expect.arrayContaining(expected));
              seen[filter.exact ? 'exact' : filter.follows ? 'followed' : 'tested']++;
              seen[expected.length > 0 ? 'some' : 'none']++;
            }
          } finally {
            reader.close();
          }
        }),
        runs(120),
      );
      for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100);
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('goes on where it stopped, and starts where it is told to', () => {
    const file = temporaryFile();
    const cases = fc.tuple(filters(toyLanguage), fc.nat(45), fc.integer({ min: 1, max: 9 }));
    const [recording] = fc.sample(recordings(25), { seed: 7, numRuns: 1 }) as [Recording];
    write(file, recording);
    const reader = CaptureFile.open(file);
    expect([...reader.frames(2)].length).toBeGreaterThan(20);
    fc.assert(
      fc.property(cases, ([text, after, limit]) => {
        const filter = compile(text);
        const expected = passing(reader, 2, filter).filter((sequence) => sequence > after);
        const found = [...filteredFrames(reader, 2, filter, { after, limit })];
        expect(found.map(({ sequence }) => sequence)).toEqual(expected.slice(0, limit));
      }),
      runs(300),
    );
    reader.close();
  });
});

describe('what SQL decides alone', () => {
  it.each([
    ['size > 1000', '(((length(frame.bytes)) > ?) IS TRUE)', [1000]],
    ['time >= 1.1', '(((frame.arrived) >= ?) IS TRUE)', [1_100_000_000]],
    ['delay < 0.0912', '(((frame.delay) < ?) IS TRUE)', [91_200]],
    ['from.role contains "x"', '((instr(source.role, ?) > 0) IS TRUE)', ['x']],
    ['to.port in (1, 2)', '(((target.remote_port) IN (?, ?)) IS TRUE)', [1, 2]],
    ['!(outcome != forwarded)', 'NOT ((frame.outcome = ?) IS FALSE)', [0]],
  ])('%s', (text, where, params) => {
    const filter = compile(text);
    expect(filter.sql).toEqual({ where, params });
    expect(filter.exact).toBe(true);
    expect(filter.follows).toBe(false);
  });

  it('is as much of a filter as can be: the rest of an "and" narrows, the rest of an "or" does not', () => {
    const kind = compile('kind == unframed').sql.where;
    expect(compile('kind == unframed && from.role matches "x"').sql.where).toBe(
      `(${kind} AND (source.role IS NOT NULL))`,
    );
    expect(compile('kind == unframed || !(from.role matches "x")').sql.where).toBe('1');
    expect(compile('kind == unframed && !(from.role matches "x")').sql.where).toBe(kind);
    expect(compile('kind == unframed && from.role matches "x"').exact).toBe(false);
  });

  it('looks for the bytes of a field among the bytes of the frame', () => {
    const { sql, exact } = compile('payload contains 01:e0');
    expect(sql.where).toContain('instr(frame.bytes, ?) > 0');
    expect(sql.params.at(-1)).toEqual(Uint8Array.of(1, 0xe0));
    expect(exact).toBe(false);
    // What is not there need not be anywhere else either.
    expect(compile('!(payload contains 01:e0)').sql.where).toBe('1');
    expect(compile('payload != 01:e0').sql.where).not.toContain('instr');
  });
});

describe('a filter on a protocol inside payloads', () => {
  it('is shown all payloads, however narrow the rest of it is', () => {
    const narrow = compile('sequence == 5 && toy.opcode == SAY');
    expect(narrow.follows).toBe(true);
    expect(narrow.exact).toBe(false);
    expect(narrow.sql.where).toContain(` OR ${toyLanguage.payloadRows.text})`);
    expect(compile('payload contains 01').follows).toBe(false);
  });
});

describe('whatever is written in a filter', () => {
  const hostile = `x' OR 1=1; DROP TABLE frame; --`;

  it('is bound, and never a part of the SQL', () => {
    const quoted = JSON.stringify(hostile);
    for (const field of ['from', 'to', 'from.role', 'to.nickname', 'payload', 'bytes', 'toy.text']) {
      const { sql } = compile(`${field} == ${quoted} || ${field} in (${quoted}, ${quoted})`);
      expect(sql.where, field).not.toMatch(/DROP|OR 1|'/);
      expect(sql.where.split('?').length - 1, field).toBe(sql.params.length);
    }
  });

  it('is part of no SQL at all: the same filter with other values has the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        const where = (text: string) =>
          compile(`from.role == "${text.replaceAll(/["\\]/g, '\\$&')}" && size > 3`).sql.where;
        expect(where(one)).toBe(where(other));
      }),
      runs(200),
    );
  });

  it('leaves the file as it is', () => {
    const file = temporaryFile();
    record(file, addThree);
    const reader = CaptureFile.open(file);
    const filter = compile(
      `from == ${JSON.stringify(hostile)} || to.role contains ${JSON.stringify(hostile)}`,
    );
    expect([...filteredFrames(reader, 1, filter)]).toEqual([]);
    expect([...reader.frames(1)]).toHaveLength(3);
    reader.close();
  });
});

it('a language without protocols has fields for frames, and finds them', () => {
  const file = temporaryFile();
  record(file, addThree);
  const reader = CaptureFile.open(file);
  const bare = languageOf([], []);
  const count = (text: string) => [...filteredFrames(reader, 1, compileFilter(text, bare))].length;
  expect(count('sequence >= 2')).toBe(2);
  expect(count('payload contains ""')).toBe(0);
  reader.close();
});
