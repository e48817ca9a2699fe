/** A game under test cannot be told the addresses that a relay makes up: such protocols are left out, and it is said why. */
import { expect, test } from 'vitest';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { protocols } from '../../protocol/registry.ts';
import { tcpRelay } from '../../protocol/tcp-relay/index.ts';
import { givesNames } from '../../replay/text-handles.ts';
import { playAlphanet } from '../kit/alphanet-play.ts';
import { playFor } from '../kit/playing-game.ts';
import { recorded } from '../kit/recorded-relay.ts';
import { Client } from '../kit/socket-client.ts';
import { message, named } from '../kit/tcp-relay-wire.ts';

const why =
  'alphanet (its relay makes up the addresses, and a game under test could not know those of the others)';

test('it is known by the tables which relay gives names', () => {
  const giving = protocols.filter(({ frames }) => frames.some(givesNames));
  expect(giving).toEqual([alphanet]);
});

test('a capture with nothing else is refused in one line', async () => {
  const file = await recorded((relay) => playAlphanet(relay.portOf(alphanet)), [alphanet]);
  await expect(playFor(file, 'P1', () => Promise.resolve())).rejects.toMatchObject({
    kind: 'input',
    code: 'nothing-to-replay',
    message: `the capture has only connections that cannot be replayed: ${why}`,
  });
});

test('of a capture with others too, these are played, and a note says what was left out', async () => {
  const dora = async (port: number) => {
    const client = new Client(port);
    await client.connected();
    client.send(Buffer.concat([named('dora'), message('dora', 'is this me?')]));
    await client.take('is this me?'.length);
    client.end();
    await client.closed;
  };
  const file = await recorded(
    async (relay) => {
      await playAlphanet(relay.portOf(alphanet));
      await dora(relay.portOf(tcpRelay));
    },
    [alphanet, tcpRelay],
  );
  const { verdict } = await playFor(file, 'dora', (_, { addresses }) => {
    expect(addresses.map(({ protocol }) => protocol)).toEqual([tcpRelay]);
    return dora(addresses[0]!.port);
  });
  expect(verdict.outcome).toBe('same');
  expect(verdict.notes).toEqual([`connections of ${why.replace(/ \((.*)\)/, ' were left out: $1')}`]);
});
