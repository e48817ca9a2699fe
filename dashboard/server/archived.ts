/** The parts of the dashboard that show a capture file, put together: each file that has some gives its own. */
import type { Archive } from './archive.ts';
import type { Part, World } from './dashboard.ts';

export function archivedParts(_world: World, _archive: Archive): readonly Part[] {
  return [];
}
