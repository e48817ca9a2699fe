/** The parts of the dashboard that show a capture file, put together: each file that has some gives its own. */
import type { Archive } from './archive.ts';
import { commentHandlers } from './comments/handlers.ts';
import type { Part, World } from './dashboard.ts';
import { framesPart } from './frames/part.ts';
import { NOTHING_KNOWN } from './frames/telling.ts';
import { replayHandlers } from './replays/handlers.ts';
import { sessionPart } from './sessions/part.ts';

export function archivedParts({ clock, wallMicros }: World, archive: Archive): readonly Part[] {
  return [
    sessionPart(archive),
    framesPart({ archive, clock, payloadsOf: () => NOTHING_KNOWN }),
    { handlers: replayHandlers(archive) },
    { handlers: commentHandlers(archive, wallMicros) },
  ];
}
