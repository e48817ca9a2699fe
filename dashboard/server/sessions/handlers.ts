/** Answers what is asked about sessions: the list of all, one of them, what is said of it, and its timeline. */
import type { Archive } from '../archive.ts';
import type { Handlers } from '../handlers.ts';
import { detailOf } from './detail.ts';
import type { Listing } from './listing.ts';
import { reportOf } from './report.ts';
import type { Surveys } from './surveys.ts';
import { timelineOf } from './timeline.ts';

export function sessionHandlers(
  { reader }: Pick<Archive, 'reader'>,
  surveys: Surveys,
  listing: Listing,
): Handlers<'sessions' | 'session' | 'report' | 'timeline'> {
  return {
    sessions: ({ query, signal }) => listing.page(query, signal),
    session({ params: { id } }) {
      surveys.look(id);
      return detailOf(reader, listing, id);
    },
    report({ params: { id } }) {
      const survey = surveys.look(id);
      return { report: reportOf(survey.reading), ...survey.progress };
    },
    timeline({ params: { id }, query, signal }) {
      const survey = surveys.look(id);
      return timelineOf(reader, survey, query, signal);
    },
  };
}
