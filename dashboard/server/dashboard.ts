/**
 * The dashboard put together: what answers each route, and what is told live.
 *
 * The rule: what needs no capture file stands here; all else is in `archived.ts`, which is loaded only where there is one,
 * because it brings the database with it.
 */
import type { Millis } from '../../protocol/types.ts';
import type { RouteName } from '../api/paths.ts';
import type { Archive } from './archive.ts';
import type { Backend } from './backend.ts';
import type { Handlers } from './handlers.ts';
import { nowPart } from './now/now.ts';
import type { Topics } from './watching.ts';

/** All that the dashboard knows of the world. */
export interface World {
  readonly version: string;
  /** Null where nothing is recorded. */
  readonly archive: Archive | null;
  /** The relay; null where a file is looked at without one. */
  readonly backend: Backend | null;
  /** The path of the program's own `main.js`, for what is done in a process of its own. */
  readonly program: string;
  /** Never jumps: to measure. */
  readonly clock: () => Millis;
  /** Microseconds since 1970: to name moments for people. */
  readonly wallMicros: () => number;
  /** Is told of a mistake of our own. */
  readonly onMistake: (error: Error) => void;
}

/** Those that say who is there are answered where requests are: in `api.ts`. */
export type DashboardRoute = Exclude<RouteName, 'who' | 'login' | 'logout'>;

/** What one file has to give. */
export interface Part {
  readonly handlers?: Partial<Handlers<DashboardRoute>>;
  readonly topics?: Partial<Topics>;
  readonly close?: () => void;
}

export interface Dashboard {
  readonly world: World;
  readonly handlers: Partial<Handlers<DashboardRoute>>;
  readonly topics: Partial<Topics>;
  /** Ends what it does on the side, and closes the file. */
  close(): void;
}

export async function createDashboard(world: World): Promise<Dashboard> {
  const { archive } = world;
  const parts: readonly Part[] = [
    nowPart(world),
    ...(archive === null ? [] : (await import('./archived.ts')).archivedParts(world, archive)),
  ];
  return {
    world,
    handlers: Object.assign({}, ...parts.map(({ handlers }) => handlers)) as Dashboard['handlers'],
    topics: Object.assign({}, ...parts.map(({ topics }) => topics)) as Dashboard['topics'],
    close: () => {
      for (const { close } of parts) close?.();
      archive?.reader.close();
    },
  };
}
