/**
 * Proposes masks from recordings of the same play with one build: what differs between them is noise.
 *
 * The rule: what was the same in all recordings is not hidden, except to complete the width of a number or an
 * address; and of each mask it is told how much it hides, and on how many frames it rests. All plays are read twice:
 * once for what differs, and once more for what that is.
 */
import type { Conversation } from '../types.ts';
import { findDifferences, type Differences, type Play } from './classes.ts';
import { compileMasks } from './compile.ts';
import { addressesOf, ClassStudy } from './fields.ts';
import { MASKS_MAX, parseMasks } from './file.ts';
import { type Proposal, propose, type ProposedMask } from './propose.ts';

/** Of so many numbers in all, it is looked for whether they count; what else differs is random, or constant. */
export const NUMBERS_MAX = 50_000;

export interface Learned {
  readonly proposals: readonly Proposal[];
  /** Masks more than a file may have, and so not proposed. */
  readonly beyond: number;
  /** Of frames that were compared. */
  readonly pairs: number;
  /** Between how many ends, of one kind each. */
  readonly conversations: number;
  /** The share of all bytes that were compared which the masks hide, from 0 to 1. */
  readonly share: number;
  /** By recording: frames that have no counterpart in another one. */
  readonly alone: readonly number[];
  /** Frames of which nothing could be learned: with strangers, or beyond what is remembered. */
  readonly left: number;
}

/** Of two plays or more. `heard` is told of every frame that is read, twice of each. */
export function learnMasks(plays: readonly Play[], heard: () => void = () => undefined): Learned {
  const differences = findDifferences(plays, heard);
  const studies = studiesOf(differences);
  for (const [run, play] of plays.entries()) {
    const addresses = addressesOf(play.cast);
    for (const { conversation, unit } of play.units()) {
      heard();
      const talk = differences.talks.of(run, conversation);
      const frameClass = talk === null ? null : differences.classOf(talk, unit);
      if (frameClass !== null) studies.get(frameClass)?.frame(unit.bytes, unit.at, addresses);
    }
    for (const study of studies.values()) study.endRun();
  }
  const compared = differences.classes.filter(({ pairs }) => pairs > 0);
  const all = propose(compared, (each) => studies.get(each)?.fields() ?? []);
  const proposals = all.slice(0, MASKS_MAX);
  return {
    proposals,
    beyond: all.length - proposals.length,
    pairs: differences.pairs,
    conversations: differences.talks.list.length,
    share: shareHidden(proposals, differences, plays),
    alone: differences.alone,
    left: differences.left,
  };
}

/** The file, for people to edit. */
export function maskFileText(proposals: readonly Proposal[], comment: string): string {
  const masks = proposals.map((each) => `    ${maskText(each)}`).join(',\n');
  return `{\n  "comment": ${JSON.stringify(comment)},\n  "masks": [\n${masks}${masks === '' ? '' : '\n'}  ]\n}\n`;
}

/** One line for what it is, and one for why it was proposed. */
function maskText({ mask, frames, differing, share }: Proposal): string {
  const evidence = `differs in ${differing} of ${frames} pairs of frames; hides ${percentText(share)} of their bytes`;
  const first = spaced(mask).slice(0, -2);
  return `${first},\n      "comment": ${JSON.stringify(evidence)} }`;
}

export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 0.1 ? 'less than 0.1' : percent.toFixed(1)} %`;
}

/** JSON on one line, with room to breathe. */
function spaced(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`);
  return `{ ${members.join(', ')} }`;
}

/** The classes with most frames first, as long as there is room. */
function studiesOf({ classes }: Differences): ReadonlyMap<Differences['classes'][number], ClassStudy> {
  const studies = new Map<Differences['classes'][number], ClassStudy>();
  let numbers = 0;
  const byFrames = classes
    .filter(({ differs }) => differs.some((count) => count > 0))
    .sort((one, other) => other.pairs - one.pairs);
  for (const frameClass of byFrames) {
    const study = new ClassStudy(frameClass, NUMBERS_MAX - numbers);
    numbers += study.numbersStudied;
    studies.set(frameClass, study);
  }
  return studies;
}

function shareHidden(
  proposals: readonly Proposal[],
  { classes }: Differences,
  [first]: readonly Play[],
): number {
  if (first === undefined || proposals.length === 0) return 0;
  const withReasons = proposals.map(({ mask }): ProposedMask | object => ({ ...mask, why: 'proposed' }));
  const text = JSON.stringify({ masks: withReasons });
  const masks = compileMasks(parseMasks('proposed', text), first.cast);
  let bytes = 0;
  let hidden = 0;
  for (const { talk, kind, sample, pairs } of classes) {
    const ranges = masks.of(talk.conversations[0] as Conversation, kind, sample);
    for (const { size } of ranges) hidden += size * pairs;
    bytes += sample.length * pairs;
  }
  return bytes === 0 ? 0 : hidden / bytes;
}
