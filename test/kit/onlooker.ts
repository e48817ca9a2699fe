/**
 * The smallest proxy: it dials its target for each client, joins the two, and looks on. A frame is a byte and as many bytes as
 * that says, up to nine; no frame begins with anything else.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import {
  Direction,
  type FrameSpec,
  type HubContext,
  type Outlet,
  type Peer,
  type Protocol,
  type Session,
} from '../../protocol/types.ts';

const LENGTH_MAX = 9;

function spec(name: string, direction: Direction, more: Partial<FrameSpec> = {}): FrameSpec {
  return {
    name,
    direction,
    bytesMin: 1,
    bytesMax: 1 + LENGTH_MAX,
    fields: [
      { name: 'length', type: 'u8', size: 1, max: LENGTH_MAX },
      { name: 'body', type: 'bytes', size: { from: 'length' } },
    ],
    ...more,
  };
}

class Watched implements Session {
  readonly label = 'somebody';
  readonly state = 'is watched';
  readonly all: Set<Session>;
  readonly outlet: Outlet;
  other: Watched | null = null;

  constructor(all: Set<Session>, outlet: Outlet) {
    this.all = all;
    this.outlet = outlet;
    all.add(this);
  }

  connected(): void {
    if (this.other === null) return;
    this.outlet.join(this.other.outlet);
    this.other.outlet.hold(false);
  }

  frame(): Outcome {
    return Outcome.forwarded;
  }

  gone(): void {
    this.all.delete(this);
    this.other?.outlet.close(CommonFault.partnerGone);
  }
}

export function onlookerHub(target: Peer): Protocol['createHub'] {
  return ({ dial }: HubContext) => {
    const all = new Set<Session>();
    return {
      deadline: Infinity,
      accept(outlet) {
        const client = new Watched(all, outlet);
        outlet.hold(true);
        dial(target, (dialled) => {
          const server = new Watched(all, dialled);
          server.other = client;
          client.other = server;
          return server;
        });
        return client;
      },
      wake: () => undefined,
      players: new Map<number, number>(),
      sessions: () => all,
    };
  };
}

export const onlooker: Protocol = {
  id: 94,
  name: 'onlooker',
  title: 'Onlooker',
  revision: 1,
  transports: ['tcp'],
  port: 1,
  isOptional: true,
  isProxy: true,
  outboxBytesMax: 1024 * 1024,
  faults: [],
  frames: [spec('word', Direction.toRelay, { becomes: 1 }), spec('word-passed-on', Direction.toPeer)],
  framing: {
    start: { toRelay: 0, toPeer: 1 },
    measure(_mode, view, at) {
      const length = view.getUint8(at);
      return length > LENGTH_MAX ? -CommonFault.malformed : 1 + length;
    },
    classify: (mode) => mode,
  },
  summarize: () => 'a word',
  createHub: onlookerHub({ address: '192.0.2.7', port: 7 }),
};
