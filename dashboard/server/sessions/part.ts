/** What the dashboard has to say about sessions, put together. */
import type { Archive } from '../archive.ts';
import type { Part, World } from '../dashboard.ts';
import { sessionHandlers } from './handlers.ts';
import { Listing } from './listing.ts';
import { Recent } from './recent.ts';
import type { Surveys } from './surveys.ts';
import { sessionTopics } from './topics.ts';
import { VerdictCounts } from './verdicts.ts';

/** `surveys` are shared with whoever needs to know what payloads are. */
export function sessionPart(
  { reader }: Archive,
  surveys: Surveys,
  { clock }: Pick<World, 'clock'>,
): Part & Required<Pick<Part, 'close'>> & SessionParts {
  const verdicts = new VerdictCounts(reader);
  const listing = new Listing(reader, verdicts, surveys, clock);
  const recent = new Recent(reader, listing, verdicts);
  const forget = surveys.onRead((id) => recent.touch(id));
  return {
    handlers: sessionHandlers({ reader }, surveys, listing),
    topics: sessionTopics({ reader, surveys, listing, recent, clock }),
    close() {
      forget();
      surveys.close();
      listing.close();
    },
  };
}

interface SessionParts {
  readonly handlers: ReturnType<typeof sessionHandlers>;
  readonly topics: ReturnType<typeof sessionTopics>;
}
