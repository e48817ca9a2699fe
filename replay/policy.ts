/**
 * The policy file: which differences are failures, in general and for some frames.
 *
 *     { "fails": { "late": true },
 *       "rules": [ { "kind": "pdp-delivered", "fails": { "missing": false }, "why": "datagrams may be lost" } ] }
 *
 * The rule: of the rules that speak of a class, the last one that is about the frame decides; where none does, the
 * file's own `fails`, and then `defaultPolicy`.
 */
import { protocols as registered } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import type { Cast } from './cast.ts';
import { compileMatch, type FrameMatch, matchKeys, readMatch } from './rule-file/match.ts';
import { type Entry, RuleReader } from './rule-file/reader.ts';
import { differenceClasses, type DifferenceClass, type Policy } from './types.ts';

export const POLICY_RULES_MAX = 10_000;

const classes = Object.keys(differenceClasses) as DifferenceClass[];

/** What speaks for itself that it may be. */
const harmless: ReadonlySet<DifferenceClass> = new Set(['masked', 'late', 'reordered-across']);

export const defaultPolicy: Policy = {
  fails: (_conversation, _kind, what) => !harmless.has(what),
};

/** Of a class that is not named, nothing is said. */
type Verdicts = ReadonlyMap<DifferenceClass, boolean>;

export interface PolicyRule {
  readonly match: FrameMatch;
  readonly fails: Verdicts;
  readonly why: string | null;
}

export interface PolicyFile {
  readonly file: string;
  readonly fails: Verdicts;
  readonly rules: readonly PolicyRule[];
}

const KIND = { code: 'bad-policy', called: 'policy file' } as const;

/** Failure code: `bad-policy`. */
export function readPolicy(file: string, protocols: readonly Protocol[] = registered): PolicyFile {
  return policyOf(file, RuleReader.open(KIND, file), protocols);
}

/** `file` is its name, for refusals. Failure code: `bad-policy`. */
export function parsePolicy(
  file: string,
  text: string,
  protocols: readonly Protocol[] = registered,
): PolicyFile {
  return policyOf(file, new RuleReader(KIND, file, text), protocols);
}

/** Failure code: `bad-policy`, where a rule names somebody who does not play in it. */
export function compilePolicy({ fails, rules }: PolicyFile, cast: Cast): Policy {
  const latestFirst = rules
    .map((rule) => ({ fails: rule.fails, isMeant: compileMatch(rule.match, cast) }))
    .reverse();
  return {
    fails(conversation, kind, what) {
      const rule = latestFirst.find((each) => each.fails.has(what) && each.isMeant(conversation, kind));
      return rule?.fails.get(what) ?? fails.get(what) ?? defaultPolicy.fails(conversation, kind, what);
    },
  };
}

function policyOf(file: string, reader: RuleReader, protocols: readonly Protocol[]): PolicyFile {
  const top = reader.object(reader.root, ['fails', 'rules']);
  const list = top.get('rules');
  const nodes = list === null ? [] : reader.list(list, POLICY_RULES_MAX);
  const rules = nodes.map((node, i) => {
    const entry = reader.object(node, [...matchKeys, 'fails', 'why'], `rule ${i + 1}`);
    if (entry.get('fails') === null) entry.place().refuse('"fails" is missing: which differences fail');
    return { match: readMatch(entry, protocols), fails: readVerdicts(entry), why: entry.text('why') };
  });
  return { file, fails: readVerdicts(top), rules };
}

/** True or false for all classes, or an object that says it of some. */
function readVerdicts(entry: Entry): Verdicts {
  const node = entry.get('fails');
  if (node === null) return new Map();
  const { value } = node;
  if (typeof value === 'boolean') return new Map(classes.map((each) => [each, value]));
  if (!(value instanceof Map)) entry.wrong('fails', 'true, false or an object such as {"missing": false}');
  const verdicts = entry.reader.object(node, classes, entry.whose);
  return new Map(
    verdicts.keys().map((key) => {
      const fails = verdicts.get(key)?.value;
      if (typeof fails !== 'boolean') return verdicts.wrong(key, 'true or false');
      return [key as DifferenceClass, fails];
    }),
  );
}
