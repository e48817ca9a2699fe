/** All that the dashboard has to say of frames, as one part of it. */
import type { Part } from '../dashboard.ts';
import { frameHandlers, type FramesWorld } from './handlers.ts';

export function framesPart(world: FramesWorld): Part {
  return { handlers: frameHandlers(world) };
}
