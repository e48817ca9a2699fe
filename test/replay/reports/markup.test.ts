import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escaped, markup, NOTHING } from '../../../replay/reports/markup.ts';
import { hostileText } from '../../kit/hostile.ts';
import { runs } from '../../kit/property.ts';
import { parseMarkup, textOf } from '../../kit/well-formed.ts';

it('escapes what is put into it, and nothing of its own', () => {
  const name = `<b>&"'`;
  const bold = markup`<b>${name}</b>`;
  expect(bold.text).toBe('<b>&lt;b&gt;&amp;&quot;&#39;</b>');
  expect(markup`${bold}${[bold, bold]}${3}${NOTHING}`.text).toBe(`${bold.text.repeat(3)}3`);
});

it('has no room for what neither HTML nor XML may have, or what turns the direction of text', () => {
  expect(escaped('a\0b\x1bc\x7fd\x9be\u202ef\u2066g\ud800h\udc00i\ufffej')).toBe(
    'a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh\ufffdi\ufffdj',
  );
  expect(escaped('\u{1f600} \t\n é 日本')).toBe('\u{1f600} \t\n é 日本');
});

it('gives back every text that is fit, wherever it stands', () => {
  fc.assert(
    fc.property(hostileText(), (text) => {
      const element = parseMarkup(markup`<a b="${text}">${text}</a>`.text);
      const shown = textOf(element);
      expect(element.attributes['b']).toBe(shown);
      expect(shown).toHaveLength(text.length);
      for (const [i, unit] of shown.split('').entries()) {
        expect(unit === text[i] || unit === '\ufffd').toBe(true);
      }
    }),
    runs(500),
  );
});
