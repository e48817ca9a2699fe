/** PTP: streams that are accepted, carry data both ways, and end. */
import { describe, it } from 'vitest';
import { payload } from '../../kit/bytes.ts';
import { CON, DAN, join, joined, LEA, plays } from '../../kit/postoffice-cast.ts';
import { accept, address, block, blockHeader, connect, endpoint, listen } from '../../kit/postoffice-wire.ts';

describe('accepting', () => {
  it(
    'tells each end who the other is, in ten bytes, the connector first',
    plays(({ client }) => {
      const connector = client('connector').sends(connect(CON, LEA));
      const acceptor = client('acceptor').sends(accept(LEA, CON));
      connector.hears(Uint8Array.of(0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0, 0, 0x39, 0x30));
      acceptor.hears(Uint8Array.of(0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x02, 0, 0, 0xa0, 0x5b));
    }),
  );

  it(
    'finds the connector whatever padding either of the two left unset, and writes zeros for it',
    plays(({ client }) => {
      const connector = client('connector').sends(connect(CON, LEA, 0xee));
      join(connector, client('acceptor').sends(accept(LEA, CON, 0x77)));
    }),
  );

  it(
    'a connect that nobody made is refused',
    plays(({ client }) => {
      client('acceptor').sends(accept(LEA, CON)).isClosed('nobody-waits');
    }),
  );

  it(
    'a connect with any other name is refused',
    plays(({ client }) => {
      client('connector').sends(connect(CON, LEA));
      client('port')
        .sends(accept(LEA, address(CON.mac, 1)))
        .isClosed('nobody-waits');
      client('own port')
        .sends(accept(address(LEA.mac, 1), CON))
        .isClosed('nobody-waits');
      client('address').sends(accept(LEA, DAN)).isClosed('nobody-waits');
      client('both turned round').sends(accept(CON, LEA)).isClosed('nobody-waits');
    }),
  );

  it(
    'a connect that has left is refused',
    plays(({ client }) => {
      client('connector').sends(connect(CON, LEA)).ends();
      client('acceptor').sends(accept(LEA, CON)).isClosed('nobody-waits');
    }),
  );

  it(
    'a connect a second time is refused, and does not disturb the stream',
    joined(({ client, connector, acceptor }) => {
      client('second').sends(accept(LEA, CON)).isClosed('nobody-waits');
      connector.sends(block(payload(4)));
      acceptor.hears(block(payload(4)));
    }),
  );

  it(
    'stops the clock: streams may be silent for a day',
    joined(({ at, connector, acceptor }) => {
      at(86_400);
      acceptor.sends(block(payload(4)));
      connector.hears(block(payload(4)));
    }),
  );

  it(
    'is possible at the last moment',
    plays(({ client, at }) => {
      const listener = client('listener').sends(listen(LEA));
      const connector = client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      at(19.999);
      join(connector, client('acceptor').sends(accept(LEA, CON)));
      at(60);
    }),
  );

  it(
    'joins the two who name each other, where many wait',
    plays(({ client }) => {
      const first = client('first').sends(connect(CON, LEA));
      const second = client('second').sends(connect(DAN, LEA));
      const toSecond = client('to second').sends(accept(LEA, DAN));
      second.hears(endpoint(LEA));
      toSecond.hears(endpoint(DAN));
      join(first, client('to first').sends(accept(LEA, CON)));
    }),
  );

  it(
    'keeps apart two streams between the same two, one each way',
    joined(({ client, connector, acceptor }) => {
      const back = client('back').sends(connect(LEA, CON));
      const backAcceptor = client('back acceptor').sends(accept(CON, LEA));
      back.hears(endpoint(CON));
      backAcceptor.hears(endpoint(LEA));
      back.sends(block(payload(2)));
      backAcceptor.hears(block(payload(2)));
      acceptor.ends();
      connector.isClosed('partner-gone');
      backAcceptor.sends(block(payload(3)));
      back.hears(block(payload(3)));
    }),
  );
});

describe('early data', () => {
  const early = [block(payload(3, 1)), block(payload(0)), block(payload(500, 2))] as const;

  it(
    'of the connector, in the segment of its init, follows the acknowledgements',
    plays(({ client }) => {
      const connector = client('connector').sends(connect(CON, LEA), ...early);
      const acceptor = client('acceptor').sends(accept(LEA, CON));
      join(connector, acceptor);
      acceptor.hears(...early);
    }),
  );

  it(
    'of the connector waits through the search for a listener, and arrives in order with what comes later',
    plays(({ client, at }) => {
      const connector = client('connector').sends(connect(CON, LEA), early[0]);
      at(3);
      connector.sends(early[1], early[2].subarray(0, 7));
      client('listener').sends(listen(LEA)).hears(endpoint(CON));
      at(4);
      const acceptor = client('acceptor').sends(accept(LEA, CON));
      join(connector, acceptor);
      acceptor.hears(early[0], early[1]);
      connector.sends(early[2].subarray(7));
      acceptor.hears(early[2]);
    }),
  );

  it(
    'of the acceptor, in the segment of its init, follows the acknowledgements',
    plays(({ client }) => {
      const connector = client('connector').sends(connect(CON, LEA));
      const acceptor = client('acceptor').sends(accept(LEA, CON), ...early);
      join(connector, acceptor);
      connector.hears(...early);
    }),
  );

  it(
    'of both arrives at both',
    plays(({ client }) => {
      const connector = client('connector').sends(connect(CON, LEA), early[0], early[1]);
      const acceptor = client('acceptor').sends(accept(LEA, CON), early[2]);
      join(connector, acceptor);
      acceptor.hears(early[0], early[1]);
      connector.hears(early[2]);
    }),
  );

  it(
    'that is too long closes the connector when its turn comes, and its partner with it',
    plays(({ client }) => {
      const connector = client('connector').sends(connect(CON, LEA), early[0], blockHeader(102_401));
      const acceptor = client('acceptor').sends(accept(LEA, CON), early[2]);
      join(connector, acceptor);
      acceptor.hears(early[0]);
      connector.isClosed('too-long');
      acceptor.isClosed('partner-gone');
    }),
  );

  it(
    'of a connector that is never accepted goes nowhere',
    plays(({ client, at }) => {
      const connector = client('connector').sends(connect(CON, LEA), ...early);
      at(5);
      connector.isClosed('no-listener');
    }),
  );
});

describe('data', () => {
  it.each([0, 1, 17_066, 51_200, 102_399, 102_400])('in a block of %i passes unchanged, both ways', (size) =>
    joined(({ connector, acceptor }) => {
      connector.sends(block(payload(size, 1)));
      acceptor.hears(block(payload(size, 1)));
      acceptor.sends(block(payload(size, 2)));
      connector.hears(block(payload(size, 2)));
    })(),
  );

  it(
    'is forwarded block by block, with nothing stamped on it',
    joined(({ connector, acceptor }) => {
      connector.sends(block(payload(20)), block(payload(0)), block(payload(21)));
      acceptor.hears(block(payload(20)), block(payload(0)), block(payload(21)));
      connector.saw('forwarded', 'forwarded', 'forwarded');
    }),
  );

  it(
    'may arrive in any pieces',
    joined(({ connector, acceptor }) => {
      acceptor.trickles(block(payload(20)), block(payload(0)), block(payload(21)));
      connector.hears(block(payload(20)), block(payload(0)), block(payload(21)));
    }),
  );

  it.each([102_401, 0x80000000, 0xffffffff])(
    'in a block of %i closes its sender, from the header alone, and so the stream',
    (size) =>
      joined(({ connector, acceptor }) => {
        acceptor.sends(blockHeader(size).subarray(0, 3));
        acceptor.sends(blockHeader(size).subarray(3));
        acceptor.isClosed('too-long');
        connector.isClosed('partner-gone');
      })(),
  );
});

describe('the end of a stream', () => {
  it(
    'comes after what was sent before it',
    joined(({ connector, acceptor }) => {
      connector.sends(block(payload(1)), block(payload(2)));
      acceptor.hears(block(payload(1)), block(payload(2)));
      connector.ends();
      acceptor.isClosed('partner-gone');
    }),
  );

  it(
    'is the same from the acceptor',
    joined(({ connector, acceptor }) => {
      acceptor.sends(block(payload(1)));
      connector.hears(block(payload(1)));
      acceptor.ends();
      connector.isClosed('partner-gone');
    }),
  );

  it(
    'is passed on where the connection broke, too',
    joined(({ connector, acceptor }) => {
      connector.breaks();
      acceptor.isClosed('partner-gone');
    }),
  );

  it(
    'leaves half a block behind',
    joined(({ connector, acceptor }) => {
      connector.sends(block(payload(100)).subarray(0, 50));
      connector.ends();
      acceptor.isClosed('partner-gone');
    }),
  );

  it(
    'leaves the listener as it was, and the same two may join again',
    joined(({ client, listener, connector, acceptor }) => {
      connector.ends();
      acceptor.isClosed('partner-gone');
      const again = client('connector again').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      join(again, client('acceptor again').sends(accept(LEA, CON)));
    }),
  );

  it(
    'comes to a partner that does not read when more than 512 000 bytes wait for it',
    joined(({ connector, acceptor }) => {
      acceptor.stopsReading();
      const full = block(payload(51_200));
      for (let sent = 0; sent + full.length <= 512_000; sent += full.length) {
        connector.sends(full);
        acceptor.hears(full);
      }
      connector.sends(full);
      acceptor.hears(full);
      acceptor.isClosed('too-slow');
      connector.isClosed('partner-gone');
    }),
  );
});
