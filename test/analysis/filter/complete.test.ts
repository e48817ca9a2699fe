import { describe, expect, it } from 'vitest';
import { completions } from '../../../analysis/filter/complete.ts';
import { COMPLETIONS_MAX } from '../../../analysis/filter/limits.ts';
import { languageOf } from '../../../analysis/filter/language.ts';
import { protocols } from '../../../protocol/registry.ts';
import { smallLanguage, toyPayload } from '../../kit/filters.ts';

/** `^` is the cursor. */
function offered(text: string): { from: number; options: string[] } {
  const cursor = text.indexOf('^');
  const { from, options } = completions(text.replace('^', ''), cursor, smallLanguage);
  return { from, options: options.map((option) => option.text) };
}

describe('completion', () => {
  it.each<[text: string, from: number, options: readonly string[]]>([
    ['si^', 0, ['size']],
    ['SI^ > 3', 0, ['size']],
    ['size > 3 && from.a^', 12, ['from.address']],
    ['!(from.a^', 2, ['from.address']],
    ['toy.^', 0, ['toy.opcode', 'toy.length', 'toy.text', 'toy.heard']],
    ['size ^', 5, ['==', '!=', '<', '<=', '>', '>=', 'in']],
    ['size >^', 5, ['>=']],
    ['kind i^', 5, ['in']],
    ['payload ^', 8, ['==', '!=', 'in', 'contains', 'matches']],
    ['toy.opcode == ^', 14, ['HELLO', 'SAY']],
    ['toy.opcode==s^', 12, ['SAY']],
    [
      'kind in (pdp, ptp-^)',
      14,
      ['ptp-listen', 'ptp-connect', 'ptp-accept', 'ptp-delivered', 'ptp-request', 'ptp-ready'],
    ],
    ['kind in ^', 8, ['(']],
    ['kind in (pdp ^', 13, [',', ')']],
    ['from == ^', 8, ['relay']],
    ['size > 3 ^', 9, ['&&', '||']],
    ['size > 3 &^', 9, ['&&']],
    ['(size > 3 ^', 10, ['&&', '||', ')']],
    ['size > ^', 7, []],
    ['nonsense > 3 && ^', 16, []],
    ['from.role == "p^', 15, []],
    ['= ^', 2, []],
  ])('%s', (text, from, options) => expect(offered(text)).toEqual({ from, options }));

  it('begins with the fields, each with what it is', () => {
    const { options } = completions('', 0, smallLanguage);
    expect(options[0]).toEqual({ text: 'sequence', note: 'its number in the capture' });
    expect(options.length).toBe(smallLanguage.fields.size);
  });

  it('looks at what is before the cursor, wherever that is', () => {
    expect(completions('si', 99, smallLanguage).options).toHaveLength(1);
    expect(completions('size > 3 && )))', 2, smallLanguage).from).toBe(0);
  });

  it('offers only so much at a time', () => {
    const [first] = toyPayload.frames[0]!.fields;
    const fields = Array.from({ length: COMPLETIONS_MAX }, (_, i) => ({ ...first!, name: `field${i}` }));
    const much = { ...toyPayload, frames: [{ name: 'much', fields }] };
    expect(completions('', 0, languageOf(protocols, [much])).options).toHaveLength(COMPLETIONS_MAX);
  });
});
