/** Where a frame of adhocctl ends, and which kind it is: the first byte tells both. */
import { CommonFault } from '../fault.ts';
import type { FrameKind, Framing, Mode as AnyMode } from '../types.ts';
import { AdhocctlFault } from './faults.ts';
import { frames, Kind, Mode, Opcode } from './layout.ts';

const OPCODES = Object.keys(Opcode).length;
const NONE = -1;

/** For each opcode the kind of frame that it begins, or `NONE`. */
function kindsByOpcode(...kinds: readonly FrameKind[]): Int8Array {
  const found = new Int8Array(OPCODES).fill(NONE);
  for (const kind of kinds) found[Number(frames[kind]?.fields[0]?.always ?? NONE)] = kind;
  return found;
}

/** By mode. */
const kinds: Readonly<Record<AnyMode, Int8Array>> = {
  [Mode.login]: kindsByOpcode(Kind.login),
  [Mode.loggedIn]: kindsByOpcode(Kind.ping, Kind.connect, Kind.disconnect, Kind.scan, Kind.chat),
  [Mode.silent]: kindsByOpcode(),
  [Mode.served]: kindsByOpcode(
    Kind.peerConnected,
    Kind.peerDisconnected,
    Kind.scanResult,
    Kind.scanComplete,
    Kind.connectBssid,
    Kind.chatDelivered,
  ),
};

/** By kind. */
const sizes = frames.map(({ bytesMax }) => bytesMax);

function kindOf(mode: AnyMode, opcode: number): FrameKind {
  return kinds[mode]?.[opcode] ?? NONE;
}

export const framing: Framing = {
  start: { toRelay: Mode.login, toPeer: Mode.silent },

  measure(mode, view, at) {
    const opcode = view.getUint8(at);
    const kind = kindOf(mode, opcode);
    if (kind !== NONE) return sizes[kind] as number;
    return opcode < OPCODES ? -CommonFault.unexpected : -AdhocctlFault.unknownOpcode;
  },

  classify: (mode, view, at) => kindOf(mode, view.getUint8(at)),
};
