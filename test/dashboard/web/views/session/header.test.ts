import { describe, expect, test } from 'vitest';
import {
  addressOf,
  delayText,
  gameText,
  gapLines,
  GAPS_SHOWN_MAX,
  gapText,
} from '../../../../../dashboard/web/src/views/session/header.ts';
import { lane, SECOND, session } from './timeline/sample.ts';

describe('the header', () => {
  test('names the game as far as it is known', () => {
    expect(gameText({ game: 'ULUS1', gameName: 'A Game' })).toEqual({ title: 'A Game', code: 'ULUS1' });
    expect(gameText({ game: 'ULUS1', gameName: '' })).toEqual({ title: 'ULUS1', code: '' });
    expect(gameText({ game: '', gameName: '' })).toEqual({ title: 'Unknown game', code: '' });
  });

  test('says from where somebody plays, whatever the port', () => {
    const lanes = [lane({ address: '192.0.2.1:40000' }), lane({ address: '192.0.2.1:40001' })];
    expect(addressOf({ lanes }, 'ann')).toBe('192.0.2.1');
    expect(addressOf({ lanes: [...lanes, lane({ address: '[2001:db8::2]:9' })] }, 'ann')).toBe('2 addresses');
    expect(addressOf({ lanes }, 'bob')).toBe('');
  });

  test('says how long frames took, where any left', () => {
    expect(delayText(session)).toBe('0.07 ms in the relay, 99 % under 2.00 ms');
    expect(delayText({ delayP50: null, delayP99: null })).toBe('');
  });
});

describe('what the recording lacks', () => {
  const gap = session.gaps[0]!;

  test('is told in plain words, since the start of the session, with where it is', () => {
    expect(gapLines(session)).toEqual([
      {
        text: '12 frames missing at 4.0 s: the recorder could not keep up',
        href: '/sessions/7/frames?frame=500',
      },
    ]);
  });

  test('may be more than frames', () => {
    expect(gapText({ ...gap, frames: 1, events: 2 }, 0)).toBe(
      '1 frame and 2 connection events missing at 14.0 s: the recorder could not keep up',
    );
    expect(gapText({ ...gap, frames: 0, events: 1, noticed: SECOND }, 0)).toBe(
      '1 connection event missing at 1.0 s: the recorder could not keep up',
    );
  });

  test('is counted where there is much of it', () => {
    const gaps = Array.from({ length: GAPS_SHOWN_MAX + 2 }, () => gap);
    expect(gapLines({ ...session, gaps }).at(-1)).toEqual({
      text: 'and 2 more gaps, with 24 frames',
      href: null,
    });
    expect(gapLines({ ...session, gaps, gapsBeyond: 5 }).at(-1)?.text).toBe(
      'and 7 more gaps, with at least 24 frames',
    );
    expect(gapLines({ ...session, gaps })).toHaveLength(GAPS_SHOWN_MAX + 1);
  });
});
