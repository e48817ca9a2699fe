/** Because of what a relay said something. */
import { describe, expect, it } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import type { Protocol } from '../../../protocol/types.ts';
import type { RecordedConnection } from '../../../recorder/captures.ts';
import { RecentDeeds, TURN_MS } from '../../../replay/script/causes.ts';
import { EndStep, SendStep } from '../../../replay/script/steps.ts';

function end(protocol: Protocol, at: number): EndStep {
  return new EndStep(
    { conn: 1, protocol, party: {} as RecordedConnection, player: { name: 'a' } },
    1,
    at,
    false,
  );
}

function send(at: number): SendStep {
  return new SendStep(end(postoffice, 0).client, 1, at, 0, Buffer.alloc(0), 0, true, false);
}

function recent(...deeds: readonly (EndStep | SendStep)[]): RecentDeeds {
  const remembered = new RecentDeeds();
  for (const deed of deeds) remembered.add(deed);
  return remembered;
}

describe('a frame of the relay', () => {
  it('comes of the request of the same time', () => {
    const request = send(100);
    expect(recent(request).causeOfFrame(100, postoffice)).toBe(request);
    expect(recent(request).causeOfFrame(101, postoffice)).toBeNull();
  });

  it('comes of an end right before it, if that is one in its own protocol', () => {
    const [goodbye, socket] = [end(adhocctl, 100), end(postoffice, 101)];
    expect(recent(goodbye).causeOfFrame(102, adhocctl)).toBe(goodbye);
    expect(recent(socket).causeOfFrame(102, adhocctl)).toBeNull();
    expect(recent(goodbye, socket).causeOfFrame(102, adhocctl)).toBe(goodbye);
    expect(recent(goodbye).causeOfFrame(101 + TURN_MS, adhocctl)).toBeNull();
  });

  it('comes of nothing before the last request', () => {
    expect(recent(end(adhocctl, 100), send(101)).causeOfFrame(102, adhocctl)).toBeNull();
  });
});
