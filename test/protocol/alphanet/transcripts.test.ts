/** What AlphaNET's hub does, rule by rule. */
import { describe, expect, it } from 'vitest';
import { ANSWER_TIMEOUT_MS, AUTH_TIMEOUT_MS, IDLE_TIMEOUT_MS } from '../../../protocol/alphanet/hub.ts';
import { ASKED_MAX, LINKS_MAX, QUESTIONS_MAX } from '../../../protocol/alphanet/links.ts';
import { RememberedVirtualIps, VIRTUAL_IPS_PER_REAL_MAX } from '../../../protocol/alphanet/virtual-ips.ts';
import { ANN, BOB, CID, PEOPLE, plays, type Stage } from '../../kit/alphanet-cast.ts';
import {
  authAnswer,
  authFailure,
  authRequired,
  authSuccess,
  connectionRequest,
  data,
  requestFailed,
  socketClosed,
  socketConnectionStatus,
  socketStatus,
  statusRequest,
  statusResponse,
  virtualIp,
} from '../../kit/alphanet-wire.ts';
import { payload } from '../../kit/bytes.ts';
import type { Client } from '../../kit/transcript.ts';

const A = `${ANN}:24`;
const B = `${BOB}:80`;
const NOBODY = '12.34.56.99:80';
const HELLO = payload(20);

interface Pair extends Stage {
  readonly ann: Client;
  readonly bob: Client;
}

function both(play: (pair: Pair) => void, settings: Parameters<typeof plays>[1] = {}): () => void {
  return plays((stage) => play({ ...stage, ann: stage.enters('ann'), bob: stage.enters('bob') }), settings);
}

/** Ann's port 24 is connected to Bob's port 80. */
function connected(play: (pair: Pair) => void, settings: Parameters<typeof plays>[1] = {}): () => void {
  return both((pair) => {
    connect(pair.ann, A, pair.bob, B);
    play(pair);
  }, settings);
}

function connect(asker: Client, from: string, target: Client, to: string): void {
  asker.sends(connectionRequest(from, to));
  target.hears(connectionRequest(from, to)).sends(socketConnectionStatus(true));
  asker.hears(socketConnectionStatus(true));
}

describe('a client that comes', () => {
  it(
    'is told its virtual address, and is known by it',
    plays(({ enters, players }) => {
      enters('ann').isKnownAs('client', ANN, '');
      players(1);
    }),
  );

  it(
    'gets the same address when it comes back',
    plays(({ enters }) => {
      enters('ann').ends();
      enters('ann');
    }),
  );

  it('gets an address for good that is drawn', () => {
    const virtualIps = new RememberedVirtualIps();
    plays(
      ({ client, now }) => {
        const ann = client('ann', '192.0.2.77');
        now();
        // What the bench draws, always.
        ann.hears(virtualIp('91.209.233.149'));
        expect(virtualIps.of('192.0.2.77')).toEqual([0x5bd1e995]);
      },
      { virtualIps },
    )();
  });

  it(
    'gets a further address where its own is in use, and the first that is free afterwards',
    plays(({ enters, client, now }) => {
      const { real } = PEOPLE.ann;
      const first = enters('ann');
      const second = client('second', real);
      now();
      second.hears(virtualIp('91.209.233.149'));
      first.ends();
      const third = client('third', real);
      now();
      third.hears(virtualIp(ANN));
      second.ends();
      const fourth = client('fourth', real);
      now();
      fourth.hears(virtualIp('91.209.233.149'));
    }),
  );

  it(
    'is turned away where only one is let in from an address, and let in when that has left',
    plays(
      ({ enters, client, now }) => {
        const first = enters('ann');
        const second = client('second', PEOPLE.ann.real);
        now();
        second.isClosed('one-per-ip');
        enters('bob');
        first.ends();
        enters('ann');
      },
      { onePerIp: true },
    ),
  );

  it('is turned away where its address has as many virtual ones as there may be', () => {
    const virtualIps = new RememberedVirtualIps();
    for (let i = 0; i < VIRTUAL_IPS_PER_REAL_MAX; i++) virtualIps.remember('192.0.2.77', 0x0100_0000 + i);
    plays(
      ({ client, now }) => {
        for (let i = 0; i < VIRTUAL_IPS_PER_REAL_MAX; i++) {
          const one = client(`client ${i}`, '192.0.2.77');
          now();
          one.hears(virtualIp(`1.0.0.${i}`));
        }
        const tooMany = client('one too many', '192.0.2.77');
        now();
        tooMany.isClosed('no-virtual-ip');
      },
      { virtualIps },
    )();
  });

  it(
    'that speaks before it is spoken to is told its address first',
    plays(({ client }) => {
      client('ann', PEOPLE.ann.real)
        .sends(statusRequest(A, NOBODY))
        .hears(virtualIp(ANN), statusResponse(false, false, null));
    }),
  );

  it(
    'that sends data before it is spoken to is not heard',
    plays(({ client, now }) => {
      const ann = client('ann', PEOPLE.ann.real).sends(data(A, B, HELLO));
      ann.saw('ignored');
      now();
      ann.hears(virtualIp(ANN));
    }),
  );

  it(
    'may send a message in as many pieces as it likes',
    plays(({ enters }) => {
      enters('ann')
        .trickles(statusRequest(A, NOBODY))
        .hears(statusResponse(false, false, null));
    }),
  );
});

describe('where there is a key', () => {
  const withKey = { key: 'open sesame' } as const;

  function asked(play: (ann: Client, stage: Stage) => void): () => void {
    return plays((stage) => {
      const ann = stage.client('ann', PEOPLE.ann.real);
      stage.now();
      ann.hears(authRequired);
      play(ann, stage);
    }, withKey);
  }

  it(
    'who knows it is let in',
    asked((ann, { players }) => {
      players(0);
      ann.sends(authAnswer('open sesame', 'it is me')).hears(authSuccess, virtualIp(ANN));
      players(1);
    }),
  );

  it.each(['', 'open sesam', 'open sesame!', 'Open sesame', 'open sesame\0'])(
    'who says %j is told so, and closed',
    (key) => {
      asked((ann) => {
        ann.sends(authAnswer(key)).hears(authFailure);
        ann.isClosed('wrong-key');
      })();
    },
  );

  it(
    'who says nothing is closed',
    asked((ann, { at, nothing }) => {
      at(AUTH_TIMEOUT_MS / 1000 - 0.001);
      nothing();
      at(AUTH_TIMEOUT_MS / 1000);
      ann.isClosed('timed-out');
    }),
  );

  it(
    'who sends a packet first is closed, and data is not heard',
    asked((ann) => {
      ann.sends(data(A, B, HELLO)).saw('ignored');
      ann.sends(statusRequest(A, B));
      ann.isClosed('not-authenticated');
    }),
  );

  it(
    'who says it twice is closed',
    asked((ann) => {
      ann.sends(authAnswer('open sesame')).hears(authSuccess, virtualIp(ANN));
      ann.sends(authAnswer('open sesame'));
      ann.isClosed('stray-key');
    }),
  );

  it(
    'nobody asked for it where there is none',
    plays(({ enters, client }) => {
      enters('bob').sends(authAnswer('x')).isClosed('stray-key');
      const ann = client('ann', PEOPLE.ann.real).sends(authAnswer('x')).hears(virtualIp(ANN));
      ann.isClosed('stray-key');
    }),
  );
});

describe('asking after a socket', () => {
  it(
    'reaches its client, and the asker gets the bare status',
    both(({ ann, bob }) => {
      ann.sends(statusRequest(A, B)).saw('consumed');
      bob.hears(statusRequest(A, B)).sends(statusResponse(true, false, B));
      ann.hears(socketStatus(true, false));
    }),
  );

  it(
    'of nobody is answered with a status of none',
    both(({ ann }) => {
      ann
        .sends(statusRequest(A, NOBODY))
        .hears(statusResponse(false, false, null))
        .saw('no-target');
    }),
  );

  it(
    'of nobody tells those of the failure who know what that is',
    both(({ ann }) => {
      const reason = 'nobody is there under this address';
      ann.sends(socketClosed(A, B)).saw('no-target');
      ann
        .sends(statusRequest(A, NOBODY))
        .hears(statusResponse(false, false, null), requestFailed(1, NOBODY, reason));
    }),
  );

  it.each([
    ['data', data(A, NOBODY, HELLO), [requestFailed(5, NOBODY, 'there is no such connection')]],
    ['a close', socketClosed(A, NOBODY), []],
    ['a failure', requestFailed(1, A, 'no'), []],
  ] as const)('%s shows that failures are known', (_, first, heard) => {
    both(({ ann }) => {
      ann.sends(first).hears(...heard);
      ann
        .sends(connectionRequest(A, NOBODY))
        .hears(socketConnectionStatus(false), requestFailed(3, NOBODY, 'nobody is there under this address'));
    })();
  });

  it(
    'is answered by socket, and for each socket in the order of the questions',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      const other = `${BOB}:81`;
      ann.sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B));
      cid.sends(statusRequest(`${CID}:1`, other), statusRequest(`${CID}:2`, B));
      bob.hears(statusRequest(`${CID}:1`, other), statusRequest(`${CID}:2`, B));
      bob.sends(statusResponse(true, true, other));
      cid.hears(socketStatus(true, true));
      bob.sends(statusResponse(true, false, B));
      ann.hears(socketStatus(true, false));
      bob.sends(statusResponse(false, false, null));
      cid.hears(socketStatus(false, false));
      bob.sends(statusResponse(false, false, null)).saw('no-target');
    }),
  );

  it(
    'is answered by the relay where the client leaves',
    both(({ ann, bob }) => {
      ann.sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B)).ends();
      ann.hears(statusResponse(false, false, null));
    }),
  );

  it(
    'is answered by the relay where the client does not, and the late answer is nobody’s',
    both(({ ann, bob, at, nothing }) => {
      ann.sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B));
      at(ANSWER_TIMEOUT_MS / 1000 - 0.001);
      nothing();
      at(ANSWER_TIMEOUT_MS / 1000);
      ann.hears(statusResponse(false, false, null));
      bob.sends(statusResponse(true, true, B)).saw('consumed');
      bob.sends(statusResponse(true, true, B)).saw('no-target');
    }),
  );

  it(
    'keeps its place for a late answer, which is not that to the next question',
    both(({ ann, bob, at }) => {
      ann.sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B));
      at(ANSWER_TIMEOUT_MS / 1000);
      ann.hears(statusResponse(false, false, null)).sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B)).sends(statusResponse(false, false, null));
      bob.sends(statusResponse(true, true, B));
      ann.hears(socketStatus(true, true));
    }),
  );

  it(
    'loses its place where no answer comes for as long again',
    both(({ ann, bob, at }) => {
      ann.sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B));
      at(ANSWER_TIMEOUT_MS / 1000);
      ann.hears(statusResponse(false, false, null));
      at((2 * ANSWER_TIMEOUT_MS) / 1000);
      ann.sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B)).sends(statusResponse(true, true, B));
      ann.hears(socketStatus(true, true));
    }),
  );

  it(
    'of somebody who says that it failed is answered with none, and with the reason',
    both(({ ann, bob }) => {
      ann.sends(socketClosed(A, B), statusRequest(A, B));
      bob.hears(statusRequest(A, B)).sends(requestFailed(1, B, 'not today'));
      ann.hears(statusResponse(false, false, null), requestFailed(1, B, 'not today'));
    }),
  );

  it(
    'is refused where its asker waits for too many answers, and others may ask',
    both(({ ann, bob, enters }) => {
      for (let i = 0; i < ASKED_MAX; i++) {
        ann.sends(statusRequest(A, B));
        bob.hears(statusRequest(A, B));
      }
      ann.sends(statusRequest(A, B)).hears(statusResponse(false, false, null));
      enters('cid').sends(statusRequest(`${CID}:1`, B));
      bob.hears(statusRequest(`${CID}:1`, B)).sends(statusResponse(true, true, B));
      ann.hears(socketStatus(true, true)).sends(statusRequest(A, B));
      bob.hears(statusRequest(A, B));
    }),
  );

  it(
    'is refused where too many wait for one client, whoever asked them',
    plays(({ enters, client, now }) => {
      const bob = enters('bob');
      let [asker, ip] = [bob, ''];
      const enter = (number: number) => {
        asker = client(`asker ${number}`, `198.51.100.${number}`);
        now();
        ip = asker.connection.identity?.endpoint ?? '';
        asker.hears(virtualIp(ip));
      };
      const ask = () => asker.sends(statusRequest(`${ip}:1`, B));
      for (let asked = 0; asked < QUESTIONS_MAX; asked++) {
        if (asked % ASKED_MAX === 0) enter(asked / ASKED_MAX);
        ask();
        bob.hears(statusRequest(`${ip}:1`, B));
      }
      enter(QUESTIONS_MAX / ASKED_MAX);
      ask().hears(statusResponse(false, false, null));
    }),
  );
});

describe('asking for a connection', () => {
  it(
    'reaches the client, and its yes connects the two',
    connected(({ ann, bob }) => {
      ann.sends(data(A, B, HELLO)).saw('forwarded');
      bob
        .hears(data(A, B, HELLO))
        .sends(data(B, A, HELLO))
        .saw('forwarded');
      ann.hears(data(B, A, HELLO));
    }),
  );

  it(
    'of nobody is answered with no',
    both(({ ann }) => {
      ann.sends(connectionRequest(A, NOBODY)).hears(socketConnectionStatus(false)).saw('no-target');
    }),
  );

  it(
    'is answered in the order of the questions, and a no connects nobody',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      const c = `${CID}:9`;
      ann.sends(connectionRequest(A, B));
      bob.hears(connectionRequest(A, B));
      cid.sends(connectionRequest(c, B));
      bob.hears(connectionRequest(c, B));
      bob.sends(socketConnectionStatus(false));
      ann.hears(socketConnectionStatus(false));
      bob.sends(socketConnectionStatus(true));
      cid.hears(socketConnectionStatus(true)).sends(data(c, B, HELLO));
      bob.hears(data(c, B, HELLO));
      ann.sends(data(A, B, HELLO)).hears(requestFailed(5, B, 'there is no such connection'));
      bob.sends(socketConnectionStatus(true)).saw('no-target');
    }),
  );

  it(
    'of somebody who leaves, or does not answer, is answered with no',
    both(({ ann, bob, at }) => {
      ann.sends(connectionRequest(A, B));
      bob.hears(connectionRequest(A, B));
      at(ANSWER_TIMEOUT_MS / 1000);
      ann.hears(socketConnectionStatus(false)).sends(connectionRequest(A, B));
      bob.hears(connectionRequest(A, B)).ends();
      ann.hears(socketConnectionStatus(false));
    }),
  );

  it(
    'by somebody who leaves keeps its place: the yes to it is ended at once',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      const c = `${CID}:9`;
      ann.sends(connectionRequest(A, B));
      bob.hears(connectionRequest(A, B));
      cid.sends(connectionRequest(c, B));
      bob.hears(connectionRequest(c, B));
      ann.ends();
      bob.sends(socketConnectionStatus(true)).hears(socketClosed(A, B));
      bob.sends(socketConnectionStatus(true));
      cid.hears(socketConnectionStatus(true));
    }),
  );

  it(
    'again, of two that are connected, leaves them connected',
    connected(({ ann, bob }) => {
      connect(bob, B, ann, A);
      bob.sends(socketClosed(B, A));
      ann.hears(socketClosed(B, A)).sends(socketClosed(A, B)).saw('no-target');
    }),
  );

  it(
    'of oneself works like any other',
    plays(({ enters }) => {
      const ann = enters('ann');
      const self = `${ANN}:25`;
      connect(ann, A, ann, self);
      ann.sends(data(A, self, HELLO)).hears(data(A, self, HELLO));
      ann.sends(data(self, A, HELLO)).hears(data(self, A, HELLO));
      ann.ends();
    }),
  );

  it(
    'is refused to a client that has as many as there may be',
    both(({ ann, bob }) => {
      for (let port = 1; port <= LINKS_MAX; port++) connect(ann, `${ANN}:${port}`, bob, B);
      const more = `${ANN}:${LINKS_MAX + 1}`;
      ann.sends(connectionRequest(more, B));
      bob.hears(connectionRequest(more, B)).sends(socketConnectionStatus(true));
      ann.hears(socketConnectionStatus(false));
      bob.hears(socketClosed(more, B));
      ann.sends(socketClosed(`${ANN}:7`, B));
      bob.hears(socketClosed(`${ANN}:7`, B));
      connect(ann, more, bob, B);
      ann.ends();
      for (let port = 1; port <= LINKS_MAX + 1; port++)
        if (port !== 7) bob.hears(socketClosed(`${ANN}:${port}`, B));
    }),
  );
});

describe('data', () => {
  it(
    'of two sockets that are not connected comes back as a failure',
    both(({ ann }) => {
      ann
        .sends(data(A, B, HELLO))
        .hears(requestFailed(5, B, 'there is no such connection'))
        .saw('no-target');
    }),
  );

  it.each([
    ['another port of its own', `${ANN}:25`, B],
    ['another port of the other', A, `${BOB}:81`],
    ['another client', A, `${CID}:80`],
  ])('of %s is of no connection', (_, from, to) => {
    connected(({ ann }) => {
      ann.sends(data(from, to, HELLO)).hears(requestFailed(5, to, 'there is no such connection'));
    })();
  });

  it.each([0, 1, 65_535])('of %i bytes passes unchanged', (size) => {
    connected(({ ann, bob }) => {
      ann.sends(data(A, B, payload(size)));
      bob.hears(data(A, B, payload(size)));
    })();
  });

  it(
    'passes unchanged, its length in whatever digits',
    connected(({ ann, bob }) => {
      const padded = Uint8Array.of(0x30, ...data(A, B, HELLO));
      ann.sends(padded);
      bob.hears(padded);
    }),
  );
});

describe('the end of a connection', () => {
  it(
    'is passed on, and is the end for both',
    connected(({ ann, bob }) => {
      ann.sends(socketClosed(A, B)).saw('consumed');
      bob.hears(socketClosed(A, B)).sends(data(B, A, HELLO));
      bob.hears(requestFailed(5, A, 'there is no such connection'));
    }),
  );

  it.each(['ends', 'breaks'] as const)('comes where a client %s', (how) => {
    connected(({ ann, bob }) => {
      connect(bob, `${BOB}:1`, ann, `${ANN}:1`);
      ann[how]();
      bob.hears(socketClosed(A, B), socketClosed(`${ANN}:1`, `${BOB}:1`));
    })();
  });

  it(
    'comes where it has carried nothing for ten minutes, to both',
    connected(({ ann, bob, at, nothing }) => {
      at(300);
      ann.sends(data(A, B, HELLO));
      bob.hears(data(A, B, HELLO));
      at(600);
      bob.sends(data(B, A, HELLO));
      ann.hears(data(B, A, HELLO));
      at(600 + IDLE_TIMEOUT_MS / 1000 - 0.001);
      nothing();
      at(600 + IDLE_TIMEOUT_MS / 1000);
      ann.hears(socketClosed(B, A));
      bob.hears(socketClosed(A, B));
    }),
  );

  it(
    'comes after as long as is set',
    connected(
      ({ ann, bob, at }) => {
        at(5);
        ann.hears(socketClosed(B, A));
        bob.hears(socketClosed(A, B));
      },
      { idleMs: 5000 },
    ),
  );
});

describe('a client that speaks for somebody else', () => {
  it.each([
    ['asks after a socket', statusRequest(`${CID}:24`, B)],
    ['asks for a connection', connectionRequest(`${CID}:24`, B)],
    ['sends data', data(B, A, HELLO)],
    ['closes', socketClosed(B, A)],
    ['answers', statusResponse(true, true, B)],
    ['says that it failed', requestFailed(1, B, 'no')],
    ['writes its address otherwise', data('012.34.56.78:24', B, HELLO)],
    ['writes no address', data('ann:24', B, HELLO)],
  ])('%s: is refused, and nobody hears of it', (_, bytes) => {
    connected(({ ann, bob, nothing }) => {
      ann.sends(bytes).saw('spoofed');
      nothing();
      ann.sends(data(A, B, HELLO));
      bob.hears(data(A, B, HELLO));
    })();
  });
});
