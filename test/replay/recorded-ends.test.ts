/** Which ends of connections are as they were in another recording, and which came too early or too late. */
import { describe, expect, it } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';
import { AHEAD_MAX, RecordedEnds } from '../../replay/recorded-ends.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import { MadeSession, NANOS } from '../kit/session-view.ts';

const ANN = '02:00:00:00:00:01';
const { none, lost, shutdown, partnerGone, tooSlow, replaced } = CommonFault;

/** Ann's socket ended after so many seconds; null is that nobody saw it end. The play lasts ten. */
function play([fault, seconds]: readonly [number | null, number], session: Partial<RecordedSession> = {}) {
  const made = new MadeSession({ lastSeen: 10 * NANOS, ...session });
  const conn = made.at(0).pdp(ANN, 100);
  made.at(seconds);
  if (fault !== null) made.close(conn, fault);
  return new RecordedPlay(made.source(), 1);
}

function ends(first: RecordedPlay, second: RecordedPlay): RecordedEnds {
  return new RecordedEnds(first, second, [{ first: first.connections[0]!, second: second.connections[0]! }]);
}

function classOf(first: RecordedPlay, second: RecordedPlay): string | null {
  return ends(first, second).differences(first.cast)[0]?.class ?? null;
}

describe('an end', () => {
  const open = [null, 10] as const;
  it.each([
    ['nobody saw either', open, open, null],
    ['a client left, in other words', [none, 3], [lost, 9], null],
    ['a client was there until the end', [none, 3], open, null],
    ['a client left before the end', open, [none, 3], null],
    ['the relay was stopped', [none, 3], [shutdown, 9], null],
    ['the other end of the pair went first', [none, 3], [partnerGone, 3], null],
    ['this end of the pair went first', [partnerGone, 3], [none, 3], null],
    ['the relay gave the same reason', [tooSlow, 3], [tooSlow, 8], null],
    ['the relay closed one that was open', open, [tooSlow, 3], 'closed-early'],
    ['the relay closed one that a client ended', [none, 3], [tooSlow, 3], 'closed-early'],
    ['the relay closed one that went with its pair', [partnerGone, 3], [replaced, 3], 'closed-early'],
    ['a client left before the relay would have closed it', [replaced, 5], [none, 3], 'closed-early'],
    ['a client had to end what the relay closed', [replaced, 3], [none, 5], 'closed-late'],
    ['the relay had another reason, sooner', [replaced, 5], [tooSlow, 3], 'closed-early'],
    ['the relay had another reason, later', [replaced, 3], [tooSlow, 5], 'closed-late'],
    ['what the relay closed stayed open', [replaced, 3], open, 'closed-late'],
    ['what went with its pair stayed open', [partnerGone, 3], open, 'closed-late'],
    ['what the relay was stopped with', [replaced, 3], [shutdown, 9], 'closed-late'],
  ] as const)('%s', (_, first, second, wanted) => {
    expect(classOf(play(first), play(second))).toBe(wanted);
  });

  it('may have been still to come where the recording is shorter', () => {
    const short = { lastSeen: 2 * NANOS };
    expect(classOf(play([replaced, 3]), play([null, 2], short))).toBeNull();
  });

  it('after the session is none of it', () => {
    const gone = { lastSeen: 5 * NANOS, ended: 'left' } as const;
    expect(classOf(play([none, 5]), play([tooSlow, 5.5], gone))).toBe('closed-early');
    expect(classOf(play([none, 5]), play([tooSlow, 7], gone))).toBeNull();
    // Of one that goes on, everything is.
    expect(classOf(play([none, 5]), play([tooSlow, 7], { ...gone, ended: null }))).toBe('closed-early');
  });
});

describe('a difference of ends', () => {
  it('stands where the second recording came to, and says how much was missed', () => {
    const [first, second] = [play([none, 5]), play([tooSlow, 3])];
    const told = ends(first, second);
    for (const sequence of [4, 7, 9]) told.expect(1, sequence);
    told.came(1);
    told.came(1);
    told.expect(1, 12);
    // Others are nobody's business.
    told.expect(2, 13);
    told.came(2);
    const [difference] = told.differences(first.cast);
    expect(difference).toMatchObject({ sequence: 7, at: 3000 });
    expect(difference!.how).toContain(', while 2 frames were still to come;');
    expect(difference!.conversation).toBe(told.differences(first.cast)[0]!.conversation);
  });

  it('knows where it stands also if the second recording is ahead', () => {
    const [first, second] = [play([none, 5]), play([tooSlow, 3])];
    const told = ends(first, second);
    told.came(1);
    told.came(1);
    for (const sequence of [4, 7, 9]) told.expect(1, sequence);
    const [difference] = told.differences(first.cast);
    expect(difference!.sequence).toBe(7);
    expect(difference!.how).toContain(', while 1 frame was still to come;');
  });

  it('remembers no more than it may', () => {
    const [first, second] = [play([none, 5]), play([tooSlow, 3])];
    const told = ends(first, second);
    for (let sequence = 1; sequence <= AHEAD_MAX + 10; sequence++) told.expect(1, sequence);
    for (let i = 0; i < AHEAD_MAX + 10; i++) told.came(1);
    expect(told.differences(first.cast)[0]!.sequence).toBe(AHEAD_MAX);
  });
});
