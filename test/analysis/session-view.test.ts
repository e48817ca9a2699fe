import { describe, expect, it } from 'vitest';
import { REFUSED_MAX, viewSession } from '../../analysis/session-view.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { MadeSession } from '../kit/session-view.ts';

const ANN = '02:aa:bb:cc:dd:01';

describe('the view of a session', () => {
  it('has its connections, its capture, and what the recording lacks of it', () => {
    const game = new MadeSession();
    game.gap(1);
    const ann = game.pdp(ANN, 1);
    game.at(1).gap(5);
    game.pdp(ANN, 2);
    game.gap(7);
    const session = { ...game.session(), firstSequence: 2, lastSequence: 8 };
    const view = viewSession({ ...game.source(), session: () => session }, 1);
    expect(view.session).toBe(session);
    expect(view.capture).toEqual(game.capture());
    expect([...view.connections.keys()]).toEqual([ann, ann + 1]);
    expect(view.gaps.map(({ frames }) => frames)).toEqual([5]);
  });

  it('has a gap that reaches into it, and one in which only events were lost', () => {
    const game = new MadeSession();
    game.gap(3);
    game.pdp(ANN, 1);
    game.gap(0);
    const session = { ...game.session(), firstSequence: 3, lastSequence: 5 };
    const view = viewSession({ ...game.source(), session: () => session }, 1);
    expect(view.gaps.map(({ firstSequence }) => firstSequence)).toEqual([1, 5]);
    const later = { ...session, firstSequence: 5 };
    const laterView = viewSession({ ...game.source(), session: () => later }, 1);
    expect(laterView.gaps.map(({ firstSequence }) => firstSequence)).toEqual([5]);
  });

  it('has those whom the guard turned away meanwhile, and no other strangers', () => {
    const game = new MadeSession();
    const early = game.stranger(game.open('pdp', 'early/1'));
    game.close(early, CommonFault.notLoggedIn);
    game.at(1).pdp(ANN, 1);
    const { notLoggedIn, loggedInElsewhere, loggedOut, notInGroup, lost, none } = CommonFault;
    const faults = [notLoggedIn, loggedInElsewhere, loggedOut, notInGroup, lost, none];
    const strangers = faults.map((_, i) => game.stranger(game.at(2).open('pdp', `stranger/${i}`)));
    for (const [i, fault] of faults.entries()) game.at(3).close(strangers[i]!, fault);
    game.stranger(game.open('pdp', 'open/1'));
    const view = viewSession(game.source(), 1);
    expect([...view.connections.keys()]).toEqual([2, ...strangers.slice(0, 4)]);
  });

  it('takes no more than so many of them', () => {
    const game = new MadeSession();
    game.pdp(ANN, 1);
    for (let i = 0; i < REFUSED_MAX + 5; i++)
      game.close(game.stranger(game.open('pdp', `stranger/${i}`)), CommonFault.notLoggedIn);
    expect(viewSession(game.source(), 1).connections.size).toBe(1 + REFUSED_MAX);
  });

  it('leaves out a connection that the recording lost', () => {
    const game = new MadeSession();
    game.pdp(ANN, 1);
    const view = viewSession({ ...game.source(), connection: () => null }, 1);
    expect(view.connections.size).toBe(0);
  });

  it('fails as its source does', () => {
    expect(() => viewSession(new MadeSession().source(), 7)).toThrow('some.db has no session 7');
  });
});
