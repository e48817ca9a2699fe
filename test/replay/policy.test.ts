import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../common/failure.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import {
  compilePolicy,
  defaultPolicy,
  parsePolicy,
  POLICY_RULES_MAX,
  readPolicy,
} from '../../replay/policy.ts';
import { differenceClasses, type DifferenceClass, type Policy } from '../../replay/types.ts';
import { temporaryFile } from '../kit/capture-file.ts';
import { ANN, BOB, someCast, talk } from '../kit/masks.ts';
import { runs } from '../kit/property.ts';

const cast = someCast();
const annToBob = talk(cast, `${ANN}/100`, `${BOB}/200`);
const bobToAnn = talk(cast, `${BOB}/200`, `${ANN}/100`);
const classes = Object.keys(differenceClasses) as DifferenceClass[];
const harmless = ['masked', 'reordered-across', 'late'];

function policy(file: object): Policy {
  return compilePolicy(parsePolicy('p.json', JSON.stringify(file)), cast);
}

function failing(policy: Policy, conversation = annToBob, kind: number | null = Kind.pdpDelivered) {
  return classes.filter((each) => policy.fails(conversation, kind, each));
}

function refusal(text: string): string {
  try {
    compilePolicy(parsePolicy('p.json', text), cast);
  } catch (error) {
    expect(error).toMatchObject({ name: 'Failure', kind: 'input', code: 'bad-policy' });
    return (error as Failure).message;
  }
  throw new Error('it was taken');
}

describe('what fails', () => {
  it('is everything but masked, late, and reordered across conversations', () => {
    expect(classes.filter((each) => !failing(defaultPolicy).includes(each))).toEqual(harmless);
    expect(failing(policy({}))).toEqual(failing(defaultPolicy));
  });

  it('is what the file says in general', () => {
    const some = policy({ comment: 'strict', fails: { late: true, missing: false } });
    expect(some.fails(annToBob, Kind.pdpDelivered, 'late')).toBe(true);
    expect(some.fails(annToBob, Kind.pdpDelivered, 'missing')).toBe(false);
    expect(some.fails(annToBob, Kind.pdpDelivered, 'changed')).toBe(true);
    expect(failing(policy({ fails: true }))).toEqual(classes);
    expect(failing(policy({ fails: false }))).toEqual([]);
  });

  it('is what the last rule about the frame says of the class', () => {
    const some = policy({
      rules: [
        { conversation: { from: 'Ann' }, fails: false, why: 'on the phone' },
        { kind: 'pdp', fails: { changed: true, comment: 'always' } },
        { kind: 'ptp', fails: true },
      ],
    });
    expect(failing(some)).toEqual(['changed']);
    expect(failing(some, bobToAnn)).toEqual(failing(defaultPolicy));
    expect(
      failing(policy({ rules: [{ fails: { changed: false } }, { fails: { changed: true } }] })),
    ).toContain('changed');
    expect(
      failing(policy({ rules: [{ fails: { changed: true } }, { fails: { changed: false } }] })),
    ).not.toContain('changed');
  });

  it('of the end of a connection is said by rules that name no kind', () => {
    const end = talk(cast, 'relay', `${BOB}/200`, null);
    expect(failing(policy({ rules: [{ kind: 'pdp', fails: false }] }), end, null)).toContain('closed-early');
    expect(failing(policy({ rules: [{ conversation: { to: 'P2' }, fails: false }] }), end, null)).toEqual([]);
  });
});

describe('a policy file', () => {
  it.each([
    ['[]', '1:1: there should be an object, {...}, not a list'],
    [
      '{"fail": {}}',
      '1:2: there is no "fail" (did you mean "fails"?); there may be fails, rules and comment',
    ],
    ['{"fails": 1}', '1:11: "fails" takes true, false or an object such as {"missing": false}, not 1'],
    [
      '{"fails": {"mising": true}}',
      '1:12: there is no "mising" (did you mean "missing"?); there may be masked, changed, missing, extra, reordered, reordered-across, late, closed-early, closed-late and comment',
    ],
    ['{"fails": {"late": "yes"}}', '1:20: "late" takes true or false, not "yes"'],
    ['{"rules": [{}]}', '1:12: rule 1: "fails" is missing: which differences fail'],
    [
      '{"rules": [\n  {"fails": true, "kind": "pdq"}]}',
      '2:27: rule 1: there is no kind "pdq" of frames (did you mean "pdp"?)',
    ],
    [
      '{"rules": [{"fails": true, "conversation": {"to": "P8"}}]}',
      '1:51: rule 1: no player of this session is called "P8" (did you mean "P1"?); it has P1 (Ann), P2 (Bob), P3',
    ],
    [
      JSON.stringify({ rules: new Array(POLICY_RULES_MAX + 1).fill(0) }),
      '1:10: more than 10000 are too many',
    ],
  ])('refuses %j'.slice(0, 60), (text, message) => expect(refusal(text)).toBe(`p.json:${message}`));

  it('is read from a file', () => {
    const file = temporaryFile();
    expect(() => readPolicy(file)).toThrow(`cannot read the policy file ${file}: there is no such file`);
    writeFileSync(file, '{"rules": [{"fails": false}]}');
    expect(readPolicy(file)).toMatchObject({ file, rules: [{ why: null }] });
  });

  it('is taken or refused in one line, whatever it is', () => {
    const verdicts = fc.oneof(fc.boolean(), fc.dictionary(fc.constantFrom(...classes, 'x'), fc.jsonValue()));
    const rule = fc.record({ kind: fc.constantFrom('pdp', 'x', 1), fails: verdicts }, { requiredKeys: [] });
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ fails: verdicts, rules: fc.array(rule) }, { requiredKeys: [] })
        .map((file) => JSON.stringify(file)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          compilePolicy(parsePolicy('p.json', text), cast);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          expect(error.message).toMatch(/^p\.json:\d+:\d+: [^\n\r]{1,400}$/);
        }
      }),
      runs(300),
    );
  });
});
