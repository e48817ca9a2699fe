/** Kinds of frames by name, and the one kind that all protocols share. */
import type { FrameKind, FaultSpec, Protocol } from './types.ts';

/** Bytes that never became a frame, as captures of every protocol keep them. No protocol has so many kinds. */
export const UNFRAMED: FrameKind = 255;

export const unframed: FaultSpec = {
  name: 'unframed',
  text: 'what had come of a frame, or could not be one, when the connection ended',
};

/** The name of a kind; an unknown one (of a newer version, say) is named by its number. */
export function kindName(protocol: Protocol | null, kind: FrameKind): string {
  if (kind === UNFRAMED) return unframed.name;
  return protocol?.frames[kind]?.name ?? `kind-${kind}`;
}
