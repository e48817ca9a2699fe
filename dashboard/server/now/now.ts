/**
 * The view that an operator glances at: its route, and its topic.
 *
 * The rule: what costs anything is done once a second, however many look on, and not at all while nobody does.
 */
import { basename } from 'node:path';
import type { Now } from '../../api/now.ts';
import type { Archive } from '../archive.ts';
import type { Backend } from '../backend.ts';
import type { Handlers } from '../handlers.ts';
import type { Topics } from '../watching.ts';
import { type LiveSessions, recorderNow, relayNow } from './relay-json.ts';
import { SampleRing } from './sample-ring.ts';
import { Sampler, type SamplerOptions } from './sampler.ts';

export interface NowOptions extends Omit<SamplerOptions, 'backend'> {
  readonly version: string;
  readonly archive: Archive | null;
  /** Null where a file is looked at without a relay. */
  readonly backend: Backend | null;
}

export interface NowPart {
  readonly handlers: Handlers<'now'>;
  readonly topics: Pick<Topics, 'now'>;
  readonly close: () => void;
}

export function nowPart(options: NowOptions): NowPart {
  const { version, archive, backend } = options;
  const file = archive === null ? null : basename(archive.file);
  return backend === null
    ? withoutRelay({ version, file, relay: null, recorder: null, samples: new SampleRing().last() })
    : withRelay({ version, file }, archive, new Sampler({ ...options, backend }));
}

/** It never changes: whoever watches is told once. */
function withoutRelay(now: Now): NowPart {
  return {
    handlers: { now: () => now },
    topics: {
      now() {
        let isTold = false;
        return {
          take() {
            if (isTold) return null;
            isTold = true;
            return { news: 'now', now };
          },
          close: () => undefined,
        };
      },
    },
    close: () => undefined,
  };
}

function withRelay(
  server: Pick<Now, 'version' | 'file'>,
  archive: Archive | null,
  sampler: Sampler,
): NowPart {
  const live = (): LiveSessions => {
    const recorder = sampler.figures?.recorder ?? null;
    return archive === null || recorder === null ? new Map() : archive.reader.liveSessions(recorder.capture);
  };
  const parts = (): Pick<Now, 'relay' | 'recorder'> => {
    const { figures, census } = sampler;
    if (figures === null) return { relay: null, recorder: null };
    return { relay: relayNow(figures, census, live()), recorder: recorderNow(figures) };
  };
  let told: { readonly count: number; readonly now: Now } | null = null;
  /** The same for all who watch. */
  const newest = (): Now => {
    if (told?.count !== sampler.count)
      told = { count: sampler.count, now: { ...server, ...parts(), samples: sampler.samples(1) } };
    return told.now;
  };
  return {
    handlers: {
      async now() {
        await sampler.look();
        return { ...server, ...parts(), samples: sampler.samples() };
      },
    },
    topics: {
      now() {
        const close = sampler.watch();
        let seen = sampler.count;
        return {
          take() {
            if (sampler.count === seen || sampler.figures === null) return null;
            seen = sampler.count;
            return { news: 'now', now: newest() };
          },
          close,
        };
      },
    },
    close: () => sampler.close(),
  };
}
