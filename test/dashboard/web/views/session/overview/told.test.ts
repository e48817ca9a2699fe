import { describe, expect, test } from 'vitest';
import { language } from '../../../../../../analysis/filter/language.ts';
import { parseFilter } from '../../../../../../analysis/filter/parse.ts';
import type { Finding, Step } from '../../../../../../dashboard/api/sessions.ts';
import { Names } from '../../../../../../dashboard/web/src/views/session/names.ts';
import {
  endText,
  groupsOf,
  severitiesText,
  stepFilter,
  stepText,
} from '../../../../../../dashboard/web/src/views/session/overview/told.ts';

const finding = (id: string, severity: Finding['severity'], at: number): Finding => ({
  id,
  severity,
  title: `about ${id}`,
  text: `${id} at ${at}`,
  explanation: `what ${id} means`,
  at,
  frames: [at],
});

describe('findings', () => {
  const all = [finding('lost', 'problem', 5), finding('slow', 'note', 1), finding('lost', 'problem', 9)];

  test('of one kind are told together, in the order of the worst', () => {
    expect(groupsOf(all).map(({ id, title, findings }) => [id, title, findings.map(({ at }) => at)])).toEqual(
      [
        ['lost', 'about lost', [5, 9]],
        ['slow', 'about slow', [1]],
      ],
    );
  });

  test('are counted in words', () => {
    expect(severitiesText(all)).toBe('2 problems and 1 note');
    expect(severitiesText([...all, finding('x', 'warning', 1)])).toBe('2 problems, 1 warning and 1 note');
    expect(severitiesText([])).toBe('nothing out of the ordinary');
  });
});

describe('a step', () => {
  const names = new Names([{ player: '02:00:00:00:00:02', nickname: 'Bob' }]);
  const step: Step = {
    at: 0,
    sequence: 4,
    player: '02:00:00:00:00:01',
    what: 'HELLO',
    to: ['02:00:00:00:00:02/50'],
    lost: null,
    count: 1,
    last: 0,
    lastSequence: 4,
    every: null,
  };

  test('says what was done to whom', () => {
    expect(stepText(step, names)).toBe('HELLO to Bob/50');
    expect(stepText({ ...step, what: 'is in the group that 02:00:00:00:00:02 leads', to: [] }, names)).toBe(
      'is in the group that Bob leads',
    );
    expect(stepText({ ...step, to: ['a', 'b', 'c', 'd', 'e'] }, names)).toBe('HELLO to a, b, c, 2 others');
  });

  test('that was repeated says how often, and that it was in vain', () => {
    const repeated = { ...step, count: 1804, every: 33.3e6, lost: 'no-target', lastSequence: 900 };
    expect(stepText(repeated, names)).toBe('HELLO to Bob/50 ×\u202f1\u202f804, every 33.3 ms (no-target)');
    expect(stepFilter(repeated)).toBe('sequence >= 4 && sequence <= 900 && from == 02:00:00:00:00:01');
  });

  test('that was taken once, or is no frame, needs no filter', () => {
    expect(stepFilter(step)).toBeNull();
    expect(stepFilter({ ...step, count: 3, sequence: null })).toBeNull();
  });
});

test.each(['02:00:00:00:00:01', '02:00:00:00:00:01/50', 'relay', 'a "b" \\ c', 'über'])(
  'the end %j can be named in a filter',
  (end) => {
    const tree = parseFilter(`from == ${endText(end)}`, language);
    expect(tree.kind === 'comparison' && tree.literals[0]?.value).toBe(end);
  },
);
