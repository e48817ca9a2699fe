/** AlphaNET as its clients write it, put together by hand: nothing here is shared with the code under test. */
import { join } from './bytes.ts';

const LIBRARY = 'AlphaNET.Framework, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null';
const PACKETS = 'AlphaNET.Framework.Net.Packets.';
const ADDRESS = 'AlphaNET.Framework.Net.Address';
const TYPE = 'Packet+<Type>k__BackingField';

/** An address as people write it: `1.2.3.4:24`. */
export type At = string;

function parts(at: At): { readonly ip: string; readonly port: number } {
  const colon = at.lastIndexOf(':');
  return { ip: at.slice(0, colon), port: Number(at.slice(colon + 1)) };
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function hexBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

export function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

export function short(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

/** With its length before it, which is below 128. */
export function text(value: string): Uint8Array {
  return Uint8Array.of(value.length, ...ascii(value));
}

function field(property: string): Uint8Array {
  return text(`<${property}>k__BackingField`);
}

// Messages ----------------------------------------------------------------------------------------

export function message(payload: Uint8Array, status = '0000', bitmap = '4000000000000000'): Uint8Array {
  const rest = join([hexBytes(bitmap), ascii(status), payload]);
  return join([ascii(`${rest.length}:`), rest]);
}

export const authRequired = message(ascii('Authentication required'), '0003');
export const authSuccess = message(ascii('Authentication successful'), '0005');
export const authFailure = message(ascii('Authentication failed'), '0006');

export function authAnswer(key: string, words = ''): Uint8Array {
  const rest = join([hexBytes('c000000000000000'), ascii(key.padEnd(16)), ascii(`0004${words}`)]);
  return join([ascii(`${rest.length}:`), rest]);
}

// Objects -----------------------------------------------------------------------------------------

export const header = join([Uint8Array.of(0), int(1), int(-1), int(1), int(0)]);
export const library = join([Uint8Array.of(12), int(2), text(LIBRARY)]);
export const end = Uint8Array.of(11);

function packet(type: number, ...records: readonly Uint8Array[]): Uint8Array {
  return message(join([Uint8Array.of(type), header, library, ...records, end]));
}

/** The description of the class of a packet, its type of packet being the last member. */
function described(name: string, members: readonly string[], types: Uint8Array): Uint8Array {
  return join([
    Uint8Array.of(5),
    int(1),
    text(PACKETS + name),
    int(members.length + 1),
    ...members.map(field),
    text(TYPE),
    types,
    int(2),
  ]);
}

const ofClass = (name: string) => join([text(name), int(2)]);

export const addressClass = join([
  text(ADDRESS),
  int(2),
  field('Port'),
  field('IpAddress'),
  hexBytes('00 01 0e'),
  int(2),
]);

function addressValues(at: At, id: number): Uint8Array {
  const { ip, port } = parts(at);
  return join([short(port), Uint8Array.of(6), int(id), text(ip)]);
}

export function virtualIp(ip: string): Uint8Array {
  const types = hexBytes('01 00 02');
  return packet(
    6,
    described('VirtualIP', ['ip'], types),
    Uint8Array.of(6),
    int(3),
    text(ip),
    Uint8Array.of(6),
  );
}

export function socketStatus(open: boolean, listening: boolean): Uint8Array {
  const types = hexBytes('00 00 00 01 01 02');
  return packet(
    2,
    described('SocketStatus', ['Open', 'Listening'], types),
    Uint8Array.of(Number(open), Number(listening), 2),
  );
}

export function socketConnectionStatus(connected: boolean): Uint8Array {
  const types = hexBytes('00 00 01 02');
  return packet(
    4,
    described('SocketConnectionStatus', ['Connected'], types),
    Uint8Array.of(Number(connected), 4),
  );
}

function request(type: number, name: string, source: At, destination: At): Uint8Array {
  const types = join([hexBytes('04 04 00'), ofClass(ADDRESS), ofClass(ADDRESS), Uint8Array.of(2)]);
  return packet(
    type,
    described(name, ['SourceAddress', 'DestinationAddress'], types),
    hexBytes('09 03000000 09 04000000'),
    Uint8Array.of(type),
    join([Uint8Array.of(5), int(3), addressClass, addressValues(source, 5)]),
    join([Uint8Array.of(1), int(4), int(3), addressValues(destination, 6)]),
  );
}

export function statusRequest(source: At, destination: At): Uint8Array {
  return request(1, 'SocketStatusRequest', source, destination);
}

export function connectionRequest(source: At, destination: At): Uint8Array {
  return request(3, 'SocketConnectionRequest', source, destination);
}

export function statusResponse(open: boolean, listening: boolean, destination: At | null): Uint8Array {
  const status = `${PACKETS}SocketStatus`;
  const types = join([hexBytes('04 04 00'), ofClass(status), ofClass(ADDRESS), Uint8Array.of(2)]);
  return packet(
    7,
    described('SocketStatusResponse', ['SocketStatus', 'DestinationAddress'], types),
    hexBytes('09 03000000'),
    destination === null ? Uint8Array.of(10) : hexBytes('09 04000000'),
    Uint8Array.of(7),
    join([Uint8Array.of(5), int(3), text(status), int(3), field('Open'), field('Listening'), text(TYPE)]),
    hexBytes('00 00 00 01 01 02 02000000'),
    Uint8Array.of(Number(open), Number(listening), 2),
    destination === null
      ? new Uint8Array(0)
      : join([Uint8Array.of(5), int(4), addressClass, addressValues(destination, 5)]),
  );
}

// Packets that are no objects ---------------------------------------------------------------------

export function address(at: At): Uint8Array {
  const { ip, port } = parts(at);
  return join([text(ip), short(port)]);
}

export function data(source: At, destination: At, bytes: Uint8Array): Uint8Array {
  return message(join([Uint8Array.of(5), address(source), address(destination), short(bytes.length), bytes]));
}

export function socketClosed(source: At, destination: At): Uint8Array {
  return message(join([Uint8Array.of(8), address(source), address(destination)]));
}

export function requestFailed(failed: number, destination: At, reason: string): Uint8Array {
  return message(join([Uint8Array.of(9, failed), address(destination), text(reason)]));
}
