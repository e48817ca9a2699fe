/** What somebody whom nobody holds back says may come before it is due. */
import { expect, it } from 'vitest';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import type { RecordedConnection } from '../../../recorder/captures.ts';
import { Waiting } from '../../../replay/engine/waiting.ts';
import { ReceiveStep, SendStep } from '../../../replay/script/steps.ts';
import type { Conversation, Unit } from '../../../replay/types.ts';

const client = { conn: 1, protocol: postoffice, party: {} as RecordedConnection, player: { name: 'a' } };
const conversation = { protocol: postoffice } as Conversation;

function unit(text: string): Unit {
  return { kind: 7, bytes: Buffer.from(text), sequence: 1, at: 0, givenUp: false, isOptional: false };
}

/** Two frames are to come, of which the sender has not been let go of the first. */
function waitsFor(isFree: boolean): { readonly waiting: Waiting; readonly steps: readonly ReceiveStep[] } {
  const waiting = new Waiting(null, null, () => undefined);
  const steps = ['one', 'two'].map((text) => {
    const cause = new SendStep(client, 1, 0, 4, Buffer.from(text), 0, false, false);
    cause.isFree = isFree;
    return new ReceiveStep(client, 1, 0, conversation, unit(text), cause);
  });
  for (const step of steps) waiting.expect(step);
  return { waiting, steps };
}

it('counts as come where its sender is free, and all that it overtook with it', () => {
  const { waiting, steps } = waitsFor(true);
  waiting.came(7, Buffer.from('two'), 0);
  expect(steps.map(({ isDone }) => isDone)).toEqual([true, true]);
});

it('cannot have come where its sender is one of ours, and has not sent it', () => {
  const { waiting, steps } = waitsFor(false);
  waiting.came(7, Buffer.from('one'), 0);
  expect(steps.map(({ isDone }) => isDone)).toEqual([false, false]);
});
