/** Texts and verdicts of players who mean harm: to terminals, pages, XML, and whoever reads them. */
import fc from 'fast-check';
import { Cast } from '../../replay/cast.ts';
import type { Verdict } from '../../replay/types.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { changed, closedEarly, difference, madeVerdict, missing } from './verdicts.ts';

const KNOWN = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><style>*{display:none}</style>',
  ']]>',
  '<!--',
  '-->',
  '&lt;',
  '&#0;',
  '\x1b[2J\x1b[H',
  '\x1b]0;title\x07',
  '\x9b31m',
  '\r\n::error::x',
  '\0',
  '\u202egnp.exe',
  '\u2066',
  '\ud800',
  '\udfff',
  '\ufffe\uffff',
  '\u2028',
  'x'.repeat(300),
] as const;

export function hostileText(): fc.Arbitrary<string> {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  return fc
    .array(
      fc.oneof(fc.constantFrom(...KNOWN), fc.string({ unit, maxLength: 8 }), fc.string({ maxLength: 8 })),
      {
        maxLength: 4,
      },
    )
    .map((parts) => parts.join(''));
}

/** Every text in it may be hostile, and so may its bytes. */
export function hostileVerdict(): fc.Arbitrary<Verdict> {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.constantFrom(...KNOWN).map((text) => Uint8Array.from(Buffer.from(text))),
  );
  return fc
    .record({
      texts: fc.array(hostileText(), { minLength: 12, maxLength: 12 }),
      expected: bytes,
      actual: bytes,
      offset: fc.option(fc.nat({ max: 80 }), { nil: null }),
      kind: fc.constantFrom(Kind.pdpDelivered, Kind.ptpRequest, 77, 255),
      outcome: fc.constantFrom('same' as const, 'differs' as const, 'unanswered' as const),
    })
    .map(({ texts, expected, actual, offset, kind, outcome }) => {
      const [
        player = '',
        nick = '',
        other = '',
        a = '',
        b = '',
        c = '',
        d = '',
        e = '',
        f = '',
        g = '',
        h = '',
      ] = texts;
      const cast = new Cast([
        { player, nickname: nick },
        { player: `${other}.`, nickname: '' },
      ]);
      const [from, to] = [cast.end(`${player}/1`), cast.end(`${h}/2`)];
      const conversation = cast.conversation(postoffice, from, to, kind);
      const sides = { expectedKind: kind, expected, actualKind: kind, actual, offset };
      return madeVerdict(
        [
          changed({ ...sides, conversation, text: a, field: b }),
          missing({ follows: 0, conversation, text: c }),
          difference('late', { conversation, text: d }),
          closedEarly({ text: e }),
        ],
        {
          outcome,
          file: f,
          subject: { mode: 'game', role: cast.roles[0]!, target: g, pace: 'step' },
          partial: h === '' ? null : h,
          notes: [a, texts[11] ?? ''],
          roles: cast.roles,
        },
      );
    });
}
