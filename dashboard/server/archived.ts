/** The parts of the dashboard that show a capture file, put together: each file that has some gives its own. */
import type { Archive } from './archive.ts';
import type { Part, World } from './dashboard.ts';
import { replayHandlers } from './replays/handlers.ts';
import { sessionPart } from './sessions/part.ts';

export function archivedParts(_world: World, archive: Archive): readonly Part[] {
  return [sessionPart(archive), { handlers: replayHandlers(archive) }];
}
