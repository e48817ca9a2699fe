/** The parts of the dashboard that show a capture file, put together: each file that has some gives its own. */
import type { Archive } from './archive.ts';
import { commentHandlers } from './comments/handlers.ts';
import type { Part, World } from './dashboard.ts';
import { framesPart } from './frames/part.ts';
import { replayHandlers } from './replays/handlers.ts';
import { runningPart } from './running/part.ts';
import { sessionPart } from './sessions/part.ts';
import { Surveys } from './sessions/surveys.ts';

export function archivedParts(
  { clock, program, wallMicros, onMistake }: World,
  archive: Archive,
): readonly Part[] {
  const surveys = new Surveys(archive.reader, clock, onMistake);
  return [
    sessionPart(archive, surveys, { clock }),
    framesPart({ archive, clock, payloadsOf: (session) => surveys.payloadsOf(session) }),
    { handlers: replayHandlers(archive) },
    { handlers: commentHandlers(archive, wallMicros) },
    runningPart(archive, { program, wallMicros }),
  ];
}
