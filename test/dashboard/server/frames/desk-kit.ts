/** A desk over a capture file for tests, and watches that are followed until they have told all. */
import { setImmediate as turn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { KnownPayloads } from '../../../../dashboard/server/archive.ts';
import { Filters } from '../../../../dashboard/server/frames/asked.ts';
import { FrameDesk } from '../../../../dashboard/server/frames/desk.ts';
import { NOTHING_KNOWN } from '../../../../dashboard/server/frames/telling.ts';
import { frameTopics } from '../../../../dashboard/server/frames/topics.ts';
import type { NewsAbout, Watching } from '../../../../dashboard/server/watching.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { toyLanguage } from '../../../kit/filters.ts';

export interface DeskSetting {
  readonly known?: KnownPayloads;
  /** Milliseconds that pass each time that somebody asks for the time. */
  readonly tickMs?: number;
}

export class TestDesk {
  readonly desk: FrameDesk;
  readonly reader: CaptureFile;
  /** For tests that let time pass. */
  now = 0;

  constructor(file: string, { known = NOTHING_KNOWN, tickMs = 1 }: DeskSetting = {}) {
    this.reader = CaptureFile.open(file);
    const clock = () => (this.now += tickMs);
    const world = { archive: { file, reader: this.reader }, payloadsOf: () => known, clock };
    this.desk = new FrameDesk(world, new Filters(toyLanguage));
  }

  static open(file: string, setting: DeskSetting = {}): TestDesk {
    const desk = new TestDesk(file, setting);
    onTestFinished(() => desk.close());
    return desk;
  }

  search(session: number, filter = '', fold = false): Watching<'search'> {
    return frameTopics(this.desk).search({ watch: 'search', id: 1, session, filter, fold });
  }

  tail(session: number, filter = '', columns = ''): Watching<'tail'> {
    return frameTopics(this.desk).tail({ watch: 'tail', id: 1, session, filter, columns });
  }

  close(): void {
    this.desk.close();
    this.reader.close();
  }
}

export type SearchNews = Extract<NewsAbout<'search'>, { readonly news: 'search' }>;
export type TailNews = Extract<NewsAbout<'tail'>, { readonly news: 'tail' }>;

/** The last news of a search, with all miles that it told, once all that is recorded has been looked at. */
export async function wholeSearch(watching: Watching<'search'>): Promise<SearchNews> {
  const miles: number[] = [];
  for (;;) {
    const news = watching.take(0);
    if (news?.news === 'refused') throw new Error(news.error);
    miles.push(...(news?.miles ?? []));
    if (news !== null && (news.exact || news.full)) return { ...news, miles };
    await turn();
  }
}

export function tailNews(watching: Watching<'tail'>, missed = 0): TailNews | null {
  const news = watching.take(missed);
  if (news?.news === 'refused') throw new Error(news.error);
  return news;
}
