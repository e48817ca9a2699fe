import { describe, expect, it } from 'vitest';
import { isNews, statusText, StatusWindow, type Figures, type RecorderStatus } from '../../cli/status.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { RelayMetrics } from '../../relay/metrics.ts';

const idle: Figures = {
  players: 0,
  connections: 0,
  frames: 0,
  framesPerSecond: 0,
  delayP50Ms: null,
  delayP99Ms: null,
  refused: { connections: 0, frames: 0 },
  datagramsDropped: 0,
  recorder: null,
};

const recording: RecorderStatus = {
  framesRecorded: 100,
  framesLost: 0,
  lagMs: 12,
  bytesWaiting: 0,
  trouble: null,
  blocked: false,
};

describe('a window of time', () => {
  it('has the frames and delays of its own time only', () => {
    const metrics = new RelayMetrics();
    metrics.framesOut = 1000;
    const window = new StatusWindow(metrics, null, 5000);
    metrics.framesOut += 300;
    metrics.delay.add(2);
    const first = window.take(7000);
    expect(first).toMatchObject({ frames: 300, framesPerSecond: 150, recorder: null });
    expect(first.delayP50Ms).toBeCloseTo(2, 1);
    expect(window.take(8000)).toMatchObject({
      frames: 0,
      framesPerSecond: 0,
      delayP50Ms: null,
      delayP99Ms: null,
    });
  });

  it('has its own delays, whoever else looks at them', () => {
    const metrics = new RelayMetrics();
    const [terminal, other] = [new StatusWindow(metrics, null, 0), new StatusWindow(metrics, null, 0)];
    metrics.delay.add(2);
    expect(other.take(1).delayP50Ms).toBeCloseTo(2, 1);
    metrics.delay.add(8);
    expect(other.take(2).delayP50Ms).toBeCloseTo(8, 0);
    const { delayP50Ms, delayP99Ms } = terminal.take(2);
    expect(delayP50Ms).toBeCloseTo(2, 1);
    expect(delayP99Ms).toBeCloseTo(8, 0);
  });

  it('has all that a guard has refused since the start', () => {
    const metrics = new RelayMetrics();
    metrics.connectionsRefused = 2;
    metrics.outcomes[Outcome.refused] = 5;
    const window = new StatusWindow(metrics, null, 0);
    window.take(1);
    expect(window.take(2).refused).toEqual({ connections: 2, frames: 5 });
  });

  it('of no length has no rate', () => {
    expect(new StatusWindow(new RelayMetrics(), null, 5000).take(5000).framesPerSecond).toBe(0);
  });

  it('asks the recorder', () => {
    const window = new StatusWindow(new RelayMetrics(), { status: () => recording }, 0);
    expect(window.take(1).recorder).toBe(recording);
  });
});

describe('the status line', () => {
  it.each<[string, Partial<Figures>, string]>([
    ['an idle relay', {}, '0 players, 0 connections | 0 frames/s | delay -'],
    [
      'a busy relay',
      { players: 1, connections: 4, framesPerSecond: 5760, delayP50Ms: 0.031, delayP99Ms: 0.212 },
      '1 player, 4 connections | 5 760 frames/s | delay 0.03 ms, p99 0.21 ms',
    ],
    [
      'datagrams that were too many',
      { datagramsDropped: 3 },
      '0 players, 0 connections | 0 frames/s | delay - | 3 datagrams dropped',
    ],
    [
      'a guard that has refused somebody',
      { refused: { connections: 1, frames: 12 } },
      '0 players, 0 connections | 0 frames/s | delay - | refused 1 connection, 12 frames',
    ],
    [
      'a recorder that keeps up',
      { recorder: recording },
      '0 players, 0 connections | 0 frames/s | delay - | recorder 12 ms behind, 0 lost',
    ],
    [
      'a recorder that slows its readers',
      { recorder: { ...recording, blocked: true } },
      '0 players, 0 connections | 0 frames/s | delay - | recorder full, slows the players, 0 lost',
    ],
    [
      'trouble, first of all',
      { recorder: { ...recording, trouble: 'the disk is full', framesLost: 9078 } },
      'RECORDING: the disk is full | 0 players, 0 connections | 0 frames/s | delay - | recorder 12 ms behind, 9 078 lost',
    ],
  ])('says of %s all in one line', (_, figures, text) => {
    expect(statusText({ ...idle, ...figures })).toBe(text);
  });
});

describe('news for the log', () => {
  it.each<[string, Partial<Figures>, boolean]>([
    ['nothing', {}, false],
    ['frames', { frames: 1 }, true],
    ['a player', { players: 1 }, true],
    ['a connection', { connections: 1 }, true],
    ['a dropped datagram', { datagramsDropped: 1 }, true],
    ['a refused connection', { refused: { connections: 1, frames: 0 } }, true],
    ['a refused frame', { refused: { connections: 0, frames: 1 } }, true],
    ['trouble', { recorder: { ...recording, trouble: 'the disk is full' } }, true],
    ['lost frames', { recorder: { ...recording, framesLost: 1 } }, true],
  ])('%s', (_, figures, news) => expect(isNews(idle, { ...idle, ...figures })).toBe(news));

  it('does not count the passing of time', () => {
    const before = { ...idle, recorder: recording };
    expect(isNews(before, { ...idle, recorder: { ...recording, lagMs: 0 } })).toBe(false);
  });
});
