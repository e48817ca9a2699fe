/** How the relay is: the view that an operator glances at. */
import { Type, type Static } from 'typebox';
import { Count, Id, Nullable, Player, Shape } from './shapes.ts';

/** One a second, for fifteen minutes. */
export const SAMPLES_MAX = 900;
export const SAMPLE_MS = 1_000;

const Series = Type.Array(Nullable(Type.Number()));

/** In columns, oldest first, as charts take them. Null where nothing was measured. */
export const Samples = Shape({
  at: Type.Array(Type.Number({ description: 'milliseconds since 1970' })),
  players: Series,
  framesPerSecond: Series,
  bytesPerSecond: Series,
  delayP50Ms: Series,
  delayP99Ms: Series,
  dropsPerSecond: Series,
  lagMs: Series,
});

export const NowPlayer = Shape({
  ...Player.properties,
  session: Nullable(Id),
});

export const NowGroup = Shape({
  game: Type.String(),
  gameName: Type.String(),
  /** Null for players who are in none. */
  group: Nullable(Type.String()),
  players: Type.Array(NowPlayer),
});

export const Counted = Shape({ name: Type.String(), text: Type.String(), count: Count });

export const RecorderNow = Shape({
  capture: Id,
  framesRecorded: Count,
  framesLost: Count,
  lagMs: Type.Number(),
  bytesWaiting: Count,
  blocked: Type.Boolean({ description: 'players are slowed, so that nothing is lost' }),
  trouble: Nullable(Type.String()),
});

export const RelayNow = Shape({
  players: Count,
  connections: Count,
  framesTotal: Count,
  bytesTotal: Count,
  connectionsRefused: Count,
  /** What became of frames that did not arrive, since the start. */
  drops: Type.Array(Counted),
  /** For what reasons connections ended, since the start, but for the ordinary ones. */
  faults: Type.Array(Counted),
  groups: Type.Array(NowGroup),
});

export const Now = Shape({
  version: Type.String(),
  /** The name of the capture file; null where nothing is recorded. */
  file: Nullable(Type.String()),
  /** Null where a file is looked at without a relay. */
  relay: Nullable(RelayNow),
  recorder: Nullable(RecorderNow),
  samples: Samples,
});

/** What a viewer of `now` is sent: `samples` holds the newest one alone. */
export type Now = Static<typeof Now>;
export type Samples = Static<typeof Samples>;
export type RelayNow = Static<typeof RelayNow>;
export type RecorderNow = Static<typeof RecorderNow>;
export type NowGroup = Static<typeof NowGroup>;
