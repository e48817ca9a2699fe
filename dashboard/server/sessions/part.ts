/** What the dashboard has to say about sessions, put together. */
import type { Archive } from '../archive.ts';
import type { Part } from '../dashboard.ts';
import { sessionHandlers } from './handlers.ts';
import { sessionTopics } from './topics.ts';

export function sessionPart(archive: Archive): Part {
  return { handlers: sessionHandlers(archive), topics: sessionTopics() };
}
