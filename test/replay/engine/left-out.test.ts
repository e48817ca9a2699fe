/** What cannot be replayed is left out, and it is said why. */
import { expect, test } from 'vitest';
import { Failure } from '../../../common/failure.ts';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import type { Protocol } from '../../../protocol/types.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { Script } from '../../../replay/script/script.ts';
import { recorded } from '../../kit/recorded-relay.ts';
import { Client, init, Init, player } from '../../kit/socket-client.ts';

const why = 'it would have to be played on addresses that are gone';

async function scriptOf(isMixed: boolean): Promise<Script> {
  const file = await recorded(async (relay) => {
    const ports = [relay.adhocctlPort, ...(isMixed ? [relay.port] : [])];
    const clients = ports.map((port) => new Client(port));
    for (const client of clients) client.send(init(Init.pdp, player(1)));
    for (const client of clients) client.end();
    await Promise.all(clients.map(({ closed }) => closed));
  });
  const reader = CaptureFile.open(file);
  // What this protocol says for the time of this test.
  const silent = adhocctl as { -readonly [Key in keyof Protocol]: Protocol[Key] };
  silent.noReplay = why;
  try {
    return new Script(reader, reader.capture(), { session: null, whyNot: () => null });
  } finally {
    delete silent.noReplay;
    reader.close();
  }
}

test('connections of a protocol that cannot be replayed are left out, and a note says why', async () => {
  const script = await scriptOf(true);
  expect(Array.from(script.clients.values(), ({ protocol }) => protocol)).toEqual([postoffice]);
  expect(script.notes).toEqual([`connections of adhocctl were left out: ${why}`]);
});

test('a capture that has only such connections is refused in one line', async () => {
  const refusal = await scriptOf(false).catch((error: unknown) => error as Failure);
  expect(refusal).toBeInstanceOf(Failure);
  expect(refusal).toMatchObject({
    code: 'nothing-to-replay',
    kind: 'input',
    message: `the capture has only connections that cannot be replayed: adhocctl (${why})`,
  });
});
