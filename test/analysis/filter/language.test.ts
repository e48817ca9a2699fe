import { describe, expect, it } from 'vitest';
import { language } from '../../../analysis/filter/language.ts';
import { operatorsOf } from '../../../analysis/filter/parse.ts';
import { flatSpecs } from '../../../protocol/layout.ts';
import { payloadProtocols } from '../../../protocol/payload.ts';
import { protocols } from '../../../protocol/registry.ts';

const fields = [...language.fields.values()];

describe('the fields', () => {
  it('are all that every layout has, and those of every frame', () => {
    const dissected = [...protocols, ...payloadProtocols].flatMap(({ name, frames }) =>
      frames.flatMap((spec) => flatSpecs(spec.fields).map((field) => `${name}.${field.name}`)),
    );
    expect(fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...[
          'sequence',
          'time',
          'delay',
          'from',
          'to',
          'protocol',
          'kind',
          'outcome',
          'size',
          'bytes',
          'payload',
        ],
        ...['from.address', 'to.port', 'from.conn', 'to.role', 'from.nickname', 'payload.size'],
        ...dissected,
      ]),
    );
  });

  it.each(fields)('$name has a name that can be typed, a note, and operators', (field) => {
    expect(field.name).toMatch(/^[a-z][a-z0-9_.-]*$/i);
    expect(field.note).not.toBe('');
    expect(operatorsOf(field).length).toBeGreaterThan(2);
    const names = field.names.map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  it('of one name in several kinds are of one type, and their names mean the same everywhere', () => {
    for (const { name: owner, frames } of [...protocols, ...payloadProtocols]) {
      const meanings = new Map<string, string>();
      for (const spec of frames.flatMap((each) => flatSpecs(each.fields))) {
        const field = language.fields.get(`${owner}.${spec.name}`.toLowerCase());
        if (spec.type !== 'bytes' && spec.type !== 'padding')
          expect(field?.type, spec.name).not.toBe('bytes');
        for (const [value, name] of Object.entries(spec.names ?? {})) {
          const key = `${spec.name} ${name}`;
          expect(meanings.get(key) ?? value, key).toBe(value);
          meanings.set(key, value);
        }
      }
    }
  });
});
