import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DIFFERENCES_DETAILED_MAX,
  DIFFERENCES_LISTED_MAX,
  verdictHtml,
} from '../../../replay/reports/html.ts';
import type { Verdict } from '../../../replay/types.ts';
import { hostileVerdict } from '../../kit/hostile.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { changed, difference, fullVerdict, madeVerdict, missing } from '../../kit/verdicts.ts';
import { type Element, elements, parseMarkup, textOf } from '../../kit/well-formed.ts';

const page = (verdict: Verdict): Element => parseMarkup(verdictHtml(verdict), ['meta']);
const texts = (within: Element, name: string) => elements(within, name).map(textOf);
const withClass = (within: Element, name: string, word: string) =>
  elements(within, name).filter(({ attributes }) => attributes['class']?.split(' ').includes(word));

describe('a page', () => {
  it('opens with the verdict, and then the first difference', () => {
    const html = page(fullVerdict({ partial: 'it was stopped' }));
    expect(texts(html, 'h1')).toEqual([
      'Differs: 6 failures, and 1 that seems to follow, among 1 200 expected frames',
    ]);
    expect(texts(html, 'h2')).toEqual([
      'The first difference',
      'Other failures',
      'What the policy allows',
      'In numbers',
      'How long sends were held',
      'Who is who',
    ]);
    const [header] = elements(html, 'header');
    expect(textOf(header!)).toContain(
      'session 1 of evening.db against the relay at 127.0.0.1:27313, pace causal',
    );
    expect(textOf(header!)).toContain('It did not come to its end: it was stopped');
    expect(textOf(header!)).toContain('The capture lacks 12 frames of this time.');
    expect(header!.attributes['class']).toBe('verdict differs');
  });

  it('shows both sides of the first difference, with what differs marked and its field named', () => {
    const [first] = withClass(page(fullVerdict()), 'div', 'first');
    expect(texts(first!, 'mark')).toEqual(['64', 'd', '65', 'e']);
    expect(texts(first!, 'b')).toEqual(['00', '.', '00', '.']);
    expect(texts(first!, 'pre')[0]).toBe(
      '0000  02 aa bb cc dd 01 00 00 64 00 0a 00 00 00 68 65  ........d.....he\n' +
        '0010  6c 6c 6f 2c 20 42 6f 62                          llo, Bob\n',
    );
    expect(textOf(first!)).toContain('First differs: offset 8 of the frame, in port: 100 expected, 101 came');
    const [row] = withClass(first!, 'tr', 'named');
    expect(row?.attributes['class']).toBe('differs named');
    expect(texts(row!, 'td')).toEqual(['port', '100', '101']);
  });

  it('folds what follows from it, and all others by class and conversation', () => {
    const summaries = texts(page(fullVerdict()), 'summary');
    expect(summaries[0]).toBe('2 other differences seem to follow from it: 1 missing, 1 late');
    const bob = 'P1 Ann (02:aa:bb:cc:dd:01/100) to P2 Bob (02:aa:bb:cc:dd:02/200), pdp-delivered';
    expect(summaries).toContain(`missing2 in ${bob}`);
    expect(summaries).toContain(`masked1 in ${bob}`);
    expect(elements(page(fullVerdict()), 'details').every(({ attributes }) => !('open' in attributes))).toBe(
      true,
    );
  });

  it('has nothing of differences where there are none, and says where a good one was stopped', () => {
    const html = page(madeVerdict());
    expect(texts(html, 'h2')).not.toContain('The first difference');
    expect(elements(html, 'header')[0]!.attributes['class']).toBe('verdict same');
    const stopped = page(madeVerdict([], { partial: 'stopped' }));
    expect(elements(stopped, 'header')[0]!.attributes['class']).toBe('verdict partial');
    const silent = page(madeVerdict([], { outcome: 'unanswered' }));
    expect(elements(silent, 'header')[0]!.attributes['class']).toBe('verdict unanswered');
  });

  it('says what one side lacks', () => {
    const extra = difference('extra', { actualKind: 7, actual: Uint8Array.of(1) });
    for (const [verdict, title] of [
      [madeVerdict([missing()]), 'Came'],
      [madeVerdict([extra]), 'Expected'],
    ] as const) {
      const empty = withClass(page(verdict), 'div', 'side').find((side) => textOf(side).includes('nothing'));
      expect(textOf(empty!)).toBe(`${title}nothing`);
    }
  });

  it('is no longer than what a browser bears, and says what it leaves out', () => {
    const many = Array.from({ length: DIFFERENCES_LISTED_MAX + 50 }, (_, i) =>
      missing({ text: `the one ${i}`, ...(i > 0 && { follows: null }) }),
    );
    const verdict = madeVerdict(many);
    const { counts } = verdict;
    const html = page({
      ...verdict,
      counts: { ...counts, differences: { ...counts.differences, missing: 20_000 } },
    });
    // The first one is shown by itself, the next ones with their bytes, then their sentences alone.
    expect(elements(html, 'pre')).toHaveLength(1 + DIFFERENCES_DETAILED_MAX);
    const text = textOf(html);
    expect(text).toContain(`the one ${DIFFERENCES_LISTED_MAX}`);
    expect(text).not.toContain(`the one ${DIFFERENCES_LISTED_MAX + 1}`);
    expect(text).toContain('and 49 more, which JSON has');
    expect(text).toContain(`There were 18 950 differences more than are kept one by one.`);
    const halves = [...many, ...many.map((each) => ({ ...each, class: 'extra' as const }))];
    const listed = textOf(page(madeVerdict(halves))).match(/the one \d+/g);
    expect(listed).toHaveLength(1 + DIFFERENCES_LISTED_MAX);
    const followed = page(madeVerdict([changed(), ...many.map((each) => ({ ...each, follows: 0 }))]));
    expect(elements(followed, 'pre').length).toBeLessThanOrEqual(2 + DIFFERENCES_DETAILED_MAX);
  });
});

describe('a page can do nothing', () => {
  /** Elements and attributes that a page may have. Nothing of them loads, runs or leads elsewhere. */
  const elementNames = new Set(
    'html head meta title style body header h1 h2 h3 p strong ul li main section div span pre i b mark table thead tbody tr th td code details summary footer'.split(
      ' ',
    ),
  );
  const attributeNames = new Set(['lang', 'charset', 'http-equiv', 'content', 'name', 'class']);

  function check(html: Element): void {
    const walk = ({ name, attributes, children }: Element): void => {
      expect(elementNames).toContain(name);
      for (const each of Object.keys(attributes)) expect(attributeNames).toContain(each);
      for (const child of children) if (typeof child !== 'string') walk(child);
    };
    walk(html);
    const policies = elements(html, 'meta').flatMap(({ attributes }) =>
      attributes['http-equiv'] === 'Content-Security-Policy' ? [attributes['content']] : [],
    );
    const [style] = texts(html, 'style');
    const hash = createHash('sha256')
      .update(style ?? '')
      .digest('base64');
    expect(policies).toEqual([
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    ]);
    expect(style).not.toMatch(/url\(|@import|expression/);
  }

  it('of its own', () => check(page(fullVerdict())));

  it('whatever players called themselves and sent', { timeout: PROPERTY_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(hostileVerdict(), (verdict) => check(page(verdict))),
      runs(150),
    );
  });
});
