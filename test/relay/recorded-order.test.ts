/** What a frame sets off comes after that frame in the record, also where the frame was likely to be passed on. */
import { expect, test } from 'vitest';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { Kind } from '../../protocol/alphanet/layout.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { playAlphanet } from '../kit/alphanet-play.ts';
import { recorded } from '../kit/recorded-relay.ts';

test('what reached nobody stands before the answer to it', async () => {
  const file = await recorded((relay) => playAlphanet(relay.portOf(alphanet)), [alphanet]);
  const reader = CaptureFile.open(file);
  try {
    const all = [...reader.frames(reader.capture().id, {})];
    const answer = all.findIndex(({ kind }) => kind === Kind.requestFailedDelivered);
    expect(all[answer - 1]).toMatchObject({ kind: Kind.data, outcome: Outcome.noTarget });
    // And it stands there once.
    expect(
      all.filter(({ kind, outcome }) => kind === Kind.data && outcome === Outcome.noTarget),
    ).toHaveLength(1);
  } finally {
    reader.close();
  }
});
