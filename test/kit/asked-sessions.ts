/** What the dashboard says about the sessions of a file, without HTTP and WebSocket. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { monotonic } from '../../common/clock.ts';
import type {
  Report,
  SessionPage,
  SessionQuery,
  Timeline,
  TimelineQuery,
} from '../../dashboard/api/sessions.ts';
import { sessionPart } from '../../dashboard/server/sessions/part.ts';
import { Surveys } from '../../dashboard/server/sessions/surveys.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { Static } from 'typebox';
import { ask } from './asking-api.ts';

/** Work in the background is waited for so long. */
const PATIENCE_MS = 20_000;

export class AskedSessions {
  readonly reader: CaptureFile;
  readonly surveys: Surveys;
  readonly part: ReturnType<typeof sessionPart>;
  readonly mistakes: Error[] = [];
  /** Added to the clock. */
  skippedMs = 0;
  /** Added again whenever somebody looks at the clock. */
  slowMs = 0;

  constructor(file: string) {
    this.reader = CaptureFile.open(file);
    const clock = () => monotonic() + (this.skippedMs += this.slowMs);
    this.surveys = new Surveys(this.reader, clock, (error) => void this.mistakes.push(error));
    this.part = sessionPart({ file, reader: this.reader }, this.surveys, { clock });
    onTestFinished(async () => {
      this.part.close();
      // What is in hand is let go of between two pieces of work.
      await sleep(5);
      this.reader.close();
      if (this.mistakes.length > 0) throw this.mistakes[0]!;
    });
  }

  page(query: SessionQuery = {}): Promise<SessionPage> {
    return ask(this.part.handlers, 'sessions', { query });
  }

  /** All pages, one after the other. */
  async pages(query: SessionQuery, between: () => void = () => undefined): Promise<number[]> {
    const ids: number[] = [];
    for (let more = true; more;) {
      const after = ids.at(-1);
      const page = await this.page({ ...query, ...(after !== undefined && { after }) });
      ids.push(...page.sessions.map(({ id }) => id));
      more = page.more;
      between();
    }
    return ids;
  }

  detail(id: number) {
    return ask(this.part.handlers, 'session', { params: { id } });
  }

  /** As soon as the session has been read as it is now. */
  async report(id: number): Promise<Report> {
    await this.until(
      () => this.surveys.look(id).reading?.report?.view.session.ended === this.reader.session(id).ended,
    );
    return (await ask(this.part.handlers, 'report', { params: { id } })).report!;
  }

  timeline(id: number, query: Static<typeof TimelineQuery> = {}): Promise<Timeline> {
    return ask(this.part.handlers, 'timeline', { params: { id }, query });
  }

  async until(isSo: () => boolean): Promise<void> {
    const end = monotonic() + PATIENCE_MS;
    while (!isSo()) {
      if (monotonic() > end) throw new Error('it did not come to that');
      await sleep(2);
    }
  }
}
