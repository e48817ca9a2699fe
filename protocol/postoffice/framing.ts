/** Where a frame of the postoffice ends, and which kind it is. */
import { CommonFault } from '../fault.ts';
import type { FrameKind, Framing } from '../types.ts';
import { PostofficeFault } from './faults.ts';
import {
  ADDRESS_BYTES,
  INIT_BYTES,
  Kind,
  Mode,
  PDP_ANNOUNCED_MAX,
  PDP_DELIVERED_MAX,
  PDP_HEADER_BYTES,
  PTP_ANNOUNCED_MAX,
  PTP_HEADER_BYTES,
} from './layout.ts';

const UNRELIABLE = 4;

export const framing: Framing = {
  start: { toRelay: Mode.init, toPeer: Mode.silent },

  measure(mode, view, at, end) {
    switch (mode) {
      case Mode.pdp:
      case Mode.pdpDelivered: {
        if (end - at < PDP_HEADER_BYTES) return 0;
        const size = view.getUint32(at + ADDRESS_BYTES, true);
        const most = mode === Mode.pdp ? PDP_ANNOUNCED_MAX : PDP_DELIVERED_MAX;
        return size > most ? -CommonFault.tooLong : PDP_HEADER_BYTES + size;
      }
      case Mode.ptp:
      case Mode.ptpDelivered: {
        if (end - at < PTP_HEADER_BYTES) return 0;
        const size = view.getUint32(at, true);
        return size > PTP_ANNOUNCED_MAX ? -CommonFault.tooLong : PTP_HEADER_BYTES + size;
      }
      case Mode.init: {
        if (end - at < 4) return 0;
        const type = view.getInt32(at, true);
        if (type >= Kind.pdpOpen && type <= Kind.ptpAccept) return INIT_BYTES;
        return type === UNRELIABLE ? -PostofficeFault.unreliableOverTcp : -PostofficeFault.unknownInit;
      }
      case Mode.listen:
        return end - at;
      case Mode.silent:
        return -CommonFault.unexpected;
      default:
        return ADDRESS_BYTES;
    }
  },

  classify(mode, view, at): FrameKind {
    switch (mode) {
      case Mode.pdp:
        return Kind.pdp;
      case Mode.ptp:
        return Kind.ptp;
      case Mode.init:
        // The four kinds of init are numbered as on the wire.
        return view.getInt32(at, true);
      case Mode.listen:
        return Kind.ignored;
      case Mode.pdpDelivered:
        return Kind.pdpDelivered;
      case Mode.ptpDelivered:
        return Kind.ptpDelivered;
      case Mode.requests:
        return Kind.ptpRequest;
      default:
        return Kind.ptpReady;
    }
  },
};
