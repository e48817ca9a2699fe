/** PTP: listening, and connecting to who listens, at once or later. */
import { describe, it } from 'vitest';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { payload } from '../../kit/bytes.ts';
import { CON, DAN, join, joined, LEA, plays } from '../../kit/postoffice-cast.ts';
import {
  accept,
  address,
  block,
  blockHeader,
  connect,
  endpoint,
  listen,
  pdpOpen,
} from '../../kit/postoffice-wire.ts';
import { transcript } from '../../kit/transcript.ts';

describe('listening', () => {
  it(
    'is silent until somebody asks for a stream',
    plays(({ client, at }) => {
      client('listener').sends(listen(LEA));
      at(3600);
    }),
  );

  it(
    'ignores whatever its client sends',
    plays(({ client }) => {
      const listener = client('listener').sends(listen(LEA), payload(1000));
      listener.sends(pdpOpen(LEA), blockHeader(0xffffffff)).saw('ignored');
      client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
    }),
  );

  it(
    'is taken over by a newer listener at the same endpoint, which hears of later connects',
    plays(({ client }) => {
      const old = client('old').sends(listen(LEA));
      const young = client('young').sends(listen(LEA, 0xee));
      old.isClosed('replaced');
      client('connector').sends(connect(CON, LEA));
      young.hears(endpoint(CON));
    }),
  );

  it(
    'is not ended by an older listener that leaves at last',
    plays(({ client }) => {
      const old = client('old').sends(listen(LEA));
      const young = client('young').sends(listen(LEA));
      old.isClosed('replaced');
      old.ends();
      client('connector').sends(connect(CON, LEA));
      young.hears(endpoint(CON));
    }),
  );

  it(
    'is a space of its own: a PDP socket at the same endpoint does not take it over',
    plays(({ client }) => {
      const listener = client('listener').sends(listen(LEA));
      client('pdp').sends(pdpOpen(LEA));
      client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
    }),
  );

  it(
    'may end without ending the streams that came of it',
    joined(({ listener, connector, acceptor }) => {
      listener.ends();
      connector.sends(block(payload(7)));
      acceptor.hears(block(payload(7)));
    }),
  );
});

describe('connecting', () => {
  it(
    'tells the listener who asks, in ten bytes, and the connector nothing yet',
    plays(({ client }) => {
      const listener = client('listener').sends(listen(LEA));
      client('connector').sends(connect(CON, LEA));
      listener.hears(Uint8Array.of(0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x02, 0, 0, 0xa0, 0x5b));
    }),
  );

  it(
    'writes zeros for the padding that the connector left unset',
    plays(({ client }) => {
      const listener = client('listener').sends(listen(LEA));
      client('connector').sends(connect(CON, LEA, 0xee));
      listener.hears(endpoint(CON));
    }),
  );

  it(
    'may come before listening, by anything under 5 s',
    plays(({ client, at }) => {
      const connector = client('connector').sends(connect(CON, LEA));
      at(4.999);
      const listener = client('listener').sends(listen(LEA));
      listener.hears(endpoint(CON));
      join(connector, client('acceptor').sends(accept(LEA, CON)));
    }),
  );

  it(
    'fails after 5 s without a listener',
    plays(({ client, at }) => {
      const connector = client('connector').sends(connect(CON, LEA));
      at(4.999);
      at(5);
      connector.isClosed('no-listener');
      client('listener').sends(listen(LEA));
    }),
  );

  it(
    'does not take a listener at another port, or at another address, for its own',
    plays(({ client, at }) => {
      const connector = client('connector').sends(connect(CON, LEA));
      client('other port').sends(listen(address(LEA.mac, 1)));
      client('other address').sends(listen(address(DAN.mac, LEA.port)));
      at(5);
      connector.isClosed('no-listener');
    }),
  );

  it(
    'is announced to its listener once, and not to any other that comes',
    plays(({ client }) => {
      const first = client('first').sends(listen(LEA));
      client('connector').sends(connect(CON, LEA));
      first.hears(endpoint(CON));
      client('elsewhere').sends(listen(address(LEA.mac, 1)));
    }),
  );

  it(
    'of several who wait is announced in the order in which they came, to their own listener only',
    plays(({ client, at }) => {
      client('first').sends(connect(CON, LEA));
      client('stranger').sends(connect(CON, DAN));
      at(1);
      client('second').sends(connect(DAN, LEA));
      client('third').sends(connect(address(CON.mac, 1), LEA));
      at(2);
      client('listener')
        .sends(listen(LEA))
        .hears(endpoint(CON), endpoint(DAN), endpoint(address(CON.mac, 1)));
    }),
  );

  it('is not announced to a listener that was closed while it was told of others, but to the next one', () => {
    const ports = [1, 2, 3, 4].map((port) => address(CON.mac, port));
    const requests = ports.map((port) => endpoint(port));
    // As small an outbox as it takes: the third request is too much.
    transcript(
      postoffice,
      ({ client }) => {
        for (const port of ports) client(`port ${port.port}`).sends(connect(port, LEA));
        const deaf = client('deaf');
        deaf.stopsReading();
        deaf.sends(listen(LEA)).hears(...requests.slice(0, 3));
        deaf.isClosed('too-slow');
        client('listener')
          .sends(listen(LEA))
          .hears(...requests.slice(3));
      },
      { outboxBytesMax: 25 },
    );
  });

  it(
    'is not announced for one who has stopped waiting',
    plays(({ client }) => {
      client('first').sends(connect(CON, LEA)).ends();
      client('second').sends(connect(DAN, LEA)).breaks();
      client('listener').sends(listen(LEA));
    }),
  );

  it(
    'fails after 20 s without being accepted',
    plays(({ client, at }) => {
      const listener = client('listener').sends(listen(LEA));
      at(1);
      const connector = client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      at(20.999);
      at(21);
      connector.isClosed('not-accepted');
    }),
  );

  it(
    'that had to wait for its listener still fails 20 s after it began',
    plays(({ client, at }) => {
      const connector = client('connector').sends(connect(CON, LEA));
      at(4);
      client('listener').sends(listen(LEA)).hears(endpoint(CON));
      at(19.999);
      at(20);
      connector.isClosed('not-accepted');
    }),
  );

  it(
    'survives the end of the listener that was told of it, until it is accepted',
    plays(({ client, at }) => {
      const listener = client('listener').sends(listen(LEA));
      const connector = client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      listener.ends();
      at(10);
      join(connector, client('acceptor').sends(accept(LEA, CON)));
    }),
  );

  it(
    'again with the same key replaces the connect that waits to be accepted',
    plays(({ client }) => {
      const listener = client('listener').sends(listen(LEA));
      const old = client('old').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      const young = client('young').sends(connect(CON, LEA, 0xee));
      old.isClosed('replaced');
      listener.hears(endpoint(CON));
      join(young, client('acceptor').sends(accept(LEA, CON)));
    }),
  );

  it(
    'again with the same key replaces the connect that waits for a listener, and starts its time anew',
    plays(({ client, at }) => {
      const old = client('old').sends(connect(CON, LEA));
      at(4);
      const young = client('young').sends(connect(CON, LEA));
      old.isClosed('replaced');
      at(8.999);
      at(9);
      young.isClosed('no-listener');
    }),
  );

  it(
    'again with the same key ends the stream that was joined under it, at both ends',
    joined(({ client, listener, connector, acceptor }) => {
      client('young').sends(connect(CON, LEA));
      connector.isClosed('replaced');
      acceptor.isClosed('partner-gone');
      listener.hears(endpoint(CON));
    }),
  );

  it(
    'from another port of the same player is another stream',
    joined(({ client, listener, connector, acceptor }) => {
      client('second').sends(connect(address(CON.mac, 1), LEA));
      listener.hears(endpoint(address(CON.mac, 1)));
      connector.sends(block(payload(2)));
      acceptor.hears(block(payload(2)));
    }),
  );
});
