/** What a frame says, in words: a line for lists, and to which virtual IP address it was sent. */
import { escapedText } from '../escaped.ts';
import { Direction, type FrameKind, type FrameView } from '../types.ts';
import { utf8Bytes } from '../utf8.ts';
import { frames, Kind, packetNames } from './layout.ts';
import { ipv4Of, NOT_IPV4 } from './ipv4.ts';
import { type Address, NO_ADDRESS, type ObjectName, type ObjectValues } from './objects.ts';
import { addressOf, endsIn, failedIn, objectIn } from './packets.ts';

/** Nobody writes more of an address, or of a reason. */
const CHARACTERS_MAX = 60;

function shown(text: string): string {
  if (text === '') return 'nothing';
  const bytes = utf8Bytes(text);
  const safe = escapedText(bytes, 0, bytes.length);
  return safe.length > CHARACTERS_MAX ? `${safe.slice(0, CHARACTERS_MAX)}...` : safe;
}

function address({ ip, port }: Address): string {
  return `${shown(ip)}:${port}`;
}

type Say = (values: ObjectValues) => string;

function about(values: ObjectValues): string {
  const found = addressOf(values, 'destination');
  return found.ip === NO_ADDRESS.ip && found.port === NO_ADDRESS.port ? '' : `${address(found)} `;
}

function status(values: ObjectValues): string {
  return `is ${values['open'] === 1 ? 'open' : 'not open'}, and ${values['listening'] === 1 ? 'listens' : 'does not listen'}`;
}

function request(verb: string): Say {
  return (values) =>
    `${address(addressOf(values, 'source'))} ${verb} ${address(addressOf(values, 'destination'))}`;
}

/** What the objects of packets say. */
const objects: Readonly<Record<ObjectName, Say>> = {
  virtualIp: (values) => `the virtual IP address is ${shown(values['ip'] as string)}`,
  socketStatus: (values) => `the socket ${status(values)}`,
  socketStatusRequest: request('asks after'),
  socketStatusResponse: (values) => `the socket ${about(values)}${status(values)}`,
  socketConnectionRequest: request('asks for a connection to'),
  socketConnectionStatus: (values) => (values['connected'] === 1 ? 'is connected' : 'is not connected'),
};

function object(name: ObjectName): (frame: FrameView) => string {
  return (frame) => {
    const values = objectIn(name, frame);
    return typeof values === 'string' ? `no object: ${values}` : objects[name](values);
  };
}

function data(frame: FrameView): string {
  const { source, destination, after } = endsIn(frame);
  return `${frame.view.getUint16(after, true)} bytes from ${address(source)} to ${address(destination)}`;
}

function closed(frame: FrameView): string {
  const { source, destination } = endsIn(frame);
  return `${address(source)} has closed the connection to ${address(destination)}`;
}

function failed(frame: FrameView): string {
  const { failed: type, destination, reason } = failedIn(frame);
  const name = (packetNames as Readonly<Record<number, string>>)[type] ?? `packet ${type}`;
  return `${name} to ${address(destination)} failed: ${shown(reason)}`;
}

const summaries: Readonly<Record<FrameKind, (frame: FrameView) => string>> = {
  [Kind.authAnswer]: () => 'sends the key',
  [Kind.socketStatusRequest]: object('socketStatusRequest'),
  [Kind.socketConnectionRequest]: object('socketConnectionRequest'),
  [Kind.socketConnectionStatus]: object('socketConnectionStatus'),
  [Kind.data]: data,
  [Kind.socketStatusResponse]: object('socketStatusResponse'),
  [Kind.socketClosed]: closed,
  [Kind.requestFailed]: failed,
  [Kind.authRequired]: () => 'asks for the key',
  [Kind.authSuccess]: () => 'the key is right',
  [Kind.authFailure]: () => 'the key is wrong',
  [Kind.virtualIp]: object('virtualIp'),
  [Kind.socketStatus]: object('socketStatus'),
  [Kind.socketStatusResponseDelivered]: object('socketStatusResponse'),
  [Kind.socketStatusRequestDelivered]: object('socketStatusRequest'),
  [Kind.socketConnectionRequestDelivered]: object('socketConnectionRequest'),
  [Kind.socketConnectionStatusDelivered]: object('socketConnectionStatus'),
  [Kind.dataDelivered]: data,
  [Kind.socketClosedDelivered]: closed,
  [Kind.requestFailedDelivered]: failed,
};

export function summarize(frame: FrameView): string {
  return summaries[frame.kind]?.(frame) ?? `${frame.end - frame.at} bytes`;
}

/** What asks, and by which name its object goes. */
const requests: Readonly<Partial<Record<FrameKind, ObjectName>>> = {
  [Kind.socketStatusRequest]: 'socketStatusRequest',
  [Kind.socketConnectionRequest]: 'socketConnectionRequest',
};

/** Null where the address is none that a client could have. */
export function addressee(frame: FrameView): string | null {
  const ip = addresseeIp(frame);
  return ip === null || ipv4Of(ip) === NOT_IPV4 ? null : ip;
}

function addresseeIp(frame: FrameView): string | null {
  if (frames[frame.kind]?.direction !== Direction.toRelay) return null;
  if (frame.kind === Kind.data || frame.kind === Kind.socketClosed) return endsIn(frame).destination.ip;
  const name = requests[frame.kind];
  if (name === undefined) return null;
  const values = objectIn(name, frame);
  return typeof values === 'string' ? null : addressOf(values, 'destination').ip;
}

/** Of what passes unchanged; all else the relay has written itself. */
export function sender(frame: FrameView): string | null {
  if (frame.kind !== Kind.dataDelivered) return null;
  const { ip } = endsIn(frame).source;
  return ipv4Of(ip) === NOT_IPV4 ? null : ip;
}
