/** A verdict at a terminal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../common/printable.ts';
import { displayWidth, momentText } from '../../cli/format.ts';
import { coloured, plain } from '../../cli/style.ts';
import { GROUPS_SHOWN_MAX, verdictText } from '../../cli/verdict-text.ts';
import type { Verdict } from '../../replay/types.ts';
import { hostileVerdict } from '../kit/hostile.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';
import { ANN, BOB, cast, changed, datagram, fullVerdict, madeVerdict, missing } from '../kit/verdicts.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';

const lines = (verdict: Verdict, width = 100) => verdictText(verdict, plain, width);
const started = momentText('2023-11-14T22:13:20.123Z');

describe('a verdict', () => {
  it('begins with how it came out and what was compared, then tells the first difference, and folds the others', () => {
    expect(lines(fullVerdict({ partial: 'it was stopped' }))).toEqual([
      'Differs: 6 failures, and 1 that seems to follow, among 1 200 expected frames',
      'session 1 of evening.db against the relay at 127.0.0.1:27313, pace causal',
      `${started}, 12.3 s; 1 500 frames sent`,
      'It did not come to its end: it was stopped',
      '',
      'First difference',
      '  Bob got a datagram from Ann with port 101 where it was 100',
      `  changed, frame 12, 1.234 s after the start; P1 Ann (${ANN}/100) to P2 Bob`,
      `  (${BOB}/200), pdp-delivered`,
      '  expected: pdp-delivered, 24 bytes',
      '    0000  02 aa bb cc dd 01 00 00 64 00 0a 00 00 00 68 65  ........d.....he',
      '                                  ^^',
      '    0010  6c 6c 6f 2c 20 42 6f 62                          llo, Bob',
      '  came: pdp-delivered, 24 bytes',
      '    0000  02 aa bb cc dd 01 00 00 65 00 0a 00 00 00 68 65  ........e.....he',
      '                                  ^^',
      '    0010  6c 6c 6f 2c 20 42 6f 62                          llo, Bob',
      '  first differs at offset 8 of the frame, in port: 100 expected, 101 came',
      '  2 others seem to follow from it: 1 missing, 1 late',
      '',
      'Other failures',
      `  1 changed: P2 Bob (${BOB}/200) to P1 Ann (${ANN}/100), ptp-delivered, from`,
      '  frame 20 on',
      '    a frame from Ann to Bob came with other bytes',
      `  1 extra: P1 Ann (${ANN}/100) to P2 Bob (${BOB}/200), pdp-delivered, from`,
      '  frame 21 on',
      '    a frame from Ann to Bob came, and was not expected',
      `  2 missing: P1 Ann (${ANN}/100) to P2 Bob (${BOB}/200), pdp-delivered, from`,
      '  frame 22 on',
      '    Bob did not get a datagram from Ann',
      `  1 closed-early: the relay to P2 Bob (${BOB}/200), control, from frame 30 on`,
      '    the relay closed Bob’s connection while 3 frames to it were to come',
      '',
      'allowed by the policy: 1 masked',
      'sends held: 500 for an answer (4.250 s in all, 0.082 s at most)',
      'note  The capture lacks 12 frames of this time.',
    ]);
  });

  it('is short where all is well', () => {
    expect(lines(madeVerdict([], { holds: [] }))).toEqual([
      'Same: 1 190 of 1 200 expected frames came as recorded',
      'session 1 of evening.db against the relay at 127.0.0.1:27313, pace causal',
      `${started}, 12.3 s; 1 500 frames sent`,
    ]);
    const offline = madeVerdict([], {
      holds: [],
      counts: { ...madeVerdict().counts, sent: 0 },
      subject: { mode: 'recording', file: 'other.db', session: 2 },
    });
    expect(lines(offline).slice(1)).toEqual([
      'session 1 of evening.db with session 2 of other.db',
      `${started}, 12.3 s`,
    ]);
  });

  it('of one that is missing shows what was expected alone, and where nothing came in no field', () => {
    const shown = lines(madeVerdict([missing()], { holds: [] }));
    expect(shown).toContain('  expected: pdp-delivered, 28 bytes');
    expect(shown.join('\n')).not.toMatch(/ came: |\^|first differs/);
  });

  it('of long frames shows what is around the first byte that differs', () => {
    const [expected, actual] = [
      datagram('x'.repeat(1000)),
      datagram(`${'x'.repeat(500)}y${'x'.repeat(499)}`),
    ];
    const shown = lines(madeVerdict([changed({ expected, actual, offset: 514, field: 'payload[500]' })]));
    expect(shown).toContain('    480 bytes before');
    expect(shown).toContain('    406 bytes after');
    expect(shown).toContain('    0200  78 78 79 78 78 78 78 78 78 78 78 78 78 78 78 78  xxyxxxxxxxxxxxxx');
    expect(shown).toContain(
      '  first differs at offset 514 of the frame, in payload[500]: 0x78 expected, 0x79 came',
    );
  });

  it('marks in red where there are colours', () => {
    const shown = verdictText(madeVerdict([changed()]), coloured, 100);
    expect(shown[0]).toContain('\x1b[31m');
    expect(shown.join('\n')).toContain('00 \x1b[31m65\x1b[39m 00');
    expect(verdictText(madeVerdict(), coloured, 100)[0]).toContain('\x1b[32mSame');
    expect(verdictText(madeVerdict([], { partial: 'x' }), coloured, 100)[0]).toContain('\x1b[33mSame so far');
    expect(verdictText(madeVerdict([], { outcome: 'unanswered' }), coloured, 100)[0]).toContain(
      '\x1b[33mDid not',
    );
  });

  it('counts groups and notes that are too many, and differences that are not kept', () => {
    const others = Array.from({ length: GROUPS_SHOWN_MAX + 4 }, (_, port) =>
      missing({
        conversation: cast.conversation(postoffice, cast.end(`${ANN}/${port}`), cast.end(`${BOB}/1`), 7),
      }),
    );
    const notes = Array.from({ length: 14 }, (_, i) => `Note ${i}.`);
    const verdict = madeVerdict(others, { notes });
    const { counts } = verdict;
    const shown = lines({
      ...verdict,
      counts: { ...counts, differences: { ...counts.differences, late: 5 } },
    });
    expect(shown).toContain('  and 3 groups more, which --json shows');
    expect(shown).toContain('and 5 differences more, which are only counted');
    expect(shown).toContain('note  Note 9.');
    expect(shown).not.toContain('note  Note 10.');
    expect(shown).toContain('      and 4 notes more');
  });
});

describe('every line', () => {
  it.each([40, 60, 80, 120])('keeps to %i columns', (width) => {
    const long = fullVerdict({ file: `${'folder/'.repeat(30)}evening.db`, notes: ['word '.repeat(60)] });
    for (const line of lines(long, width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  it('is of any length where no terminal says how wide it is', () => {
    const long = fullVerdict({ notes: ['word '.repeat(60).trim()] });
    expect(lines(long, Infinity)).toContain(`note  ${'word '.repeat(60).trim()}`);
  });

  it('moves no cursor, whatever players called themselves and sent', { timeout: PROPERTY_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(hostileVerdict(), fc.integer({ min: 40, max: 120 }), (verdict, width) => {
        for (const line of lines(verdict, width)) {
          expect(printable(line)).toBe(line);
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
      runs(150),
    );
  });
});
