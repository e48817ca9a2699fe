/** All that the dashboard has to say of frames, as one part of it. */
import type { Part } from '../dashboard.ts';
import { FrameDesk, type FramesWorld } from './desk.ts';
import { frameHandlers } from './handlers.ts';
import { frameTopics } from './topics.ts';

export function framesPart(world: FramesWorld): Part {
  const desk = new FrameDesk(world);
  return { handlers: frameHandlers(desk), topics: frameTopics(desk), close: () => desk.close() };
}
