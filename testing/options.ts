/**
 * What a test may say of a replay, in the words of `postreel replay`, and what it comes to.
 *
 * The rule: whatever is wrong is one line that says which option takes what, and nothing has been started by then.
 */
import { fileURLToPath } from 'node:url';
import { patientHubOf } from '../cli/hubs.ts';
import { findTargets } from '../cli/targets.ts';
import {
  choice,
  decimal,
  flag,
  port,
  readHostPort,
  sessionNumber,
  text,
  type ValueKind,
  whole,
} from '../cli/values.ts';
import { Failure } from '../common/failure.ts';
import { protocols } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import type { Targets } from '../replay/against.ts';
import { type MaskFile, parseMasks, readMasks } from '../replay/masks/file.ts';
import type { Game } from '../replay/play.ts';
import { parsePolicy, type PolicyFile, readPolicy } from '../replay/policy.ts';
import { suggestion } from '../replay/rule-file/reader.ts';
import { type Pace, paces, type Subject } from '../replay/types.ts';

/** `'127.0.0.1:27313'`; a port of this machine; or both in an object. */
export type Where = string | number | { readonly host: string; readonly port: number };

/** Which bytes may differ, and which differences are failures: the name of a file, or what stands in one. */
export interface CaptureRules {
  readonly masks?: string | URL | Readonly<Record<string, unknown>> | undefined;
  readonly policy?: string | URL | Readonly<Record<string, unknown>> | undefined;
}

/** Nobody steps through a test. */
export type TestPace = Exclude<Pace, 'step'>;

export interface ReplayOptions extends CaptureRules {
  /** The relay under test; or, by the names of protocols, where it speaks which. */
  readonly against?: Where | Readonly<Record<string, Where>> | undefined;
  /** The owner of a target that is not on this machine agrees. */
  readonly allowRemote?: boolean | undefined;
  /** For a game under test instead of a relay: whose place it takes. */
  readonly play?: string | undefined;
  /** Where the game finds the relay: the port of the protocol that carries what players say; without it, its own. */
  readonly listen?: number | undefined;
  /** The other ports for the game, by the names of protocols; without one, its own. */
  readonly listeners?: Readonly<Record<string, number>> | undefined;
  /** This session alone, as `postreel sessions` numbers them. */
  readonly session?: number | undefined;
  /** All of this capture; without one and without a session, the newest. */
  readonly capture?: number | undefined;
  /** `causal`, unless told otherwise. */
  readonly pace?: TestPace | undefined;
  /** Of the recorded pace: 2 is twice as fast. */
  readonly speed?: number | undefined;
  /** How long something that does not come is waited for: 2 s, and 60 s for a game. */
  readonly patienceMs?: number | undefined;
  /** How long an opening that nobody acknowledges is given to take effect: 100 ms. */
  readonly settleMs?: number | undefined;
  /** So many times; only if all are the same, it is the same. */
  readonly repeat?: number | undefined;
  /** Keep the verdict in the capture file. Without it the file is not even opened: a copy of it is. */
  readonly store?: boolean | undefined;
  /** Stops the replay, such as the `signal` that Vitest gives to a test. */
  readonly signal?: AbortSignal | undefined;
  /** All is in order, and the replay begins: a game may come now. */
  readonly onStart?: ((subject: Subject) => void) | undefined;
}

/** The relay under test, or the place that a game takes. */
export type Against = { readonly targets: Targets } | { readonly game: Game };

const RELAY_PATIENCE_MS = 2000;
/** As the command has it: somebody may have to start the game. */
const GAME_PATIENCE_MS = 60_000;

/** Of the simple ones, what they take. */
const kinds = {
  allowRemote: flag(),
  play: text('a player: an address, a nickname, or P1, P2, ...', 128),
  listen: port(),
  session: sessionNumber(),
  capture: whole('the number of a capture', 1, 2 ** 31 - 1),
  pace: choice(...paces.filter((pace): pace is TestPace => pace !== 'step')),
  speed: decimal('a factor', 0.01, 1000),
  patienceMs: decimal('milliseconds', 50, 3_600_000),
  settleMs: decimal('milliseconds', 5, 60_000),
  repeat: whole('a number', 1, 10_000),
  store: flag(),
} as const satisfies Readonly<Record<string, ValueKind<unknown>>>;

const others = ['against', 'listeners', 'masks', 'policy', 'signal', 'onStart'];
const names = [...Object.keys(kinds), ...others];

/** `bug.db`, `bug.db:3` for its third session, or a URL such as `new URL('bug.db', import.meta.url)`. */
export function readFile(file: string | URL): { readonly file: string; readonly session: number | null } {
  if (file instanceof URL) return { file: fileURLToPath(file), session: null };
  if (typeof file !== 'string' || file === '')
    throw misused('replayCapture takes the name of a capture file');
  const [, name, digits = ''] = /^(.+):(\d+)$/.exec(file) ?? [];
  if (name === undefined) return { file, session: null };
  return { file: name, session: check('session', sessionNumber(), Number(digits)) };
}

/** Failure code: `bad-usage`. */
export function checkOptions(options: ReplayOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name))
      throw misused(`replayCapture has no option ${JSON.stringify(name)}${suggestion(name, names)}`);
    const kind = (kinds as Readonly<Record<string, ValueKind<unknown>>>)[name];
    if (kind !== undefined && value !== undefined) check(name, kind, value);
  }
  const { against, play, listen, listeners, session, capture } = options;
  const wrong: readonly (readonly [boolean, string])[] = [
    [
      against === undefined && play === undefined,
      'against what? { against: PORT } for a relay, or { play: ROLE } for a game',
    ],
    [
      against !== undefined && play !== undefined,
      'against and play exclude each other: a relay is under test, or a game',
    ],
    [
      play === undefined && (listen !== undefined || listeners !== undefined),
      'listen and listeners mean nothing without play: a relay under test listens itself',
    ],
    [
      session !== undefined && capture !== undefined,
      'session and capture exclude each other: a session is in one capture',
    ],
  ];
  for (const [isWrong, line] of wrong) if (isWrong) throw misused(line);
}

export function patienceOf({ patienceMs, play }: ReplayOptions): number {
  return patienceMs ?? (play === undefined ? RELAY_PATIENCE_MS : GAME_PATIENCE_MS);
}

/** Failure codes: `bad-usage`, `unknown-host`, `remote-target`. */
export async function opponentOf(options: ReplayOptions): Promise<Against> {
  const { against, play, allowRemote = false } = options;
  if (play !== undefined) return { game: gameOf(play, options) };
  if (against === undefined || isWhere(against)) {
    const address = whereText('against', against);
    return { targets: await findTargets({ against: address, targets: [], allowRemote }) };
  }
  const targets = Object.entries(against).map(([name, where]) => ({
    protocol: protocolCalled('against', name),
    address: whereText(`against.${name}`, where),
  }));
  if (targets.length === 0) throw misused(`against takes ${WHERE}, and names none`);
  return { targets: await findTargets({ against: null, targets, allowRemote }) };
}

/** Those of the second, where it has any. Failure codes: `bad-masks`, `bad-policy`. */
export function rulesFrom(
  first: CaptureRules,
  second: CaptureRules,
): { readonly masks: MaskFile | null; readonly policy: PolicyFile | null } {
  for (const name of Object.keys(second))
    if (name !== 'masks' && name !== 'policy')
      throw misused(
        `toMatchCapture has no option ${JSON.stringify(name)}: it takes masks and policy, and replayCapture all else`,
      );
  return {
    masks: rulesOf('masks', second.masks ?? first.masks, readMasks, parseMasks),
    policy: rulesOf('policy', second.policy ?? first.policy, readPolicy, parsePolicy),
  };
}

function rulesOf<T>(
  called: string,
  given: CaptureRules['masks'],
  read: (file: string) => T,
  parse: (name: string, content: string) => T,
): T | null {
  if (given === undefined) return null;
  if (given instanceof URL) return read(fileURLToPath(given));
  if (typeof given === 'string') return read(given);
  if (typeof given !== 'object' || given === null)
    throw misused(`${called} takes the name of a file, or what stands in one as an object`);
  // Written as people write it, so that a refusal names a line.
  return parse(called, JSON.stringify(given, null, 2));
}

function gameOf(role: string, { listen, listeners = {} }: ReplayOptions): Game {
  const ports = new Map<Protocol, number>();
  for (const protocol of protocols)
    if (protocol.groupNotice !== undefined) ports.set(protocol, protocol.port);
  for (const [name, value] of Object.entries(listeners)) {
    const protocol = protocolCalled('listeners', name);
    if (protocol.groupNotice === undefined) throw misused(`the port of ${name} is told by listen`);
    ports.set(protocol, check(`listeners.${name}`, port(), value));
  }
  return {
    role,
    host: '127.0.0.1',
    listen: listen ?? null,
    ports,
    createHub: patientHubOf,
    onWaiting: () => undefined,
    onThere: () => undefined,
  };
}

const WHERE = `a port, 'HOST:PORT', { host, port }, or these by the names of protocols`;

function isWhere(against: Exclude<ReplayOptions['against'], undefined>): against is Where {
  return typeof against !== 'object' || against === null || 'port' in against;
}

function whereText(name: string, where: unknown): string {
  const { host, port: number } =
    typeof where === 'object' && where !== null
      ? (where as { host?: unknown; port?: unknown })
      : { host: '127.0.0.1', port: where };
  const bracketed = String(host).includes(':') ? `[${String(host)}]` : String(host);
  const address = typeof where === 'string' ? where : `${bracketed}:${String(number)}`;
  if (readHostPort(address) === null) throw misused(`${name} takes ${WHERE}, not ${shown(where)}`);
  return address;
}

function protocolCalled(option: string, name: string): Protocol {
  const found = protocols.find((protocol) => protocol.name === name);
  if (found !== undefined) return found;
  const known = protocols.map((protocol) => protocol.name);
  throw misused(
    `${option} speaks of ${JSON.stringify(name)}${suggestion(name, known)}; there are ${known.join(', ')}`,
  );
}

function check<T>(name: string, kind: ValueKind<T>, value: unknown): T {
  const checked = kind.fromJson(value);
  if (checked === undefined) throw misused(`${name} takes ${kind.accepts}, not ${shown(value)}`);
  return checked;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  return (json ?? String(value)).slice(0, 200);
}

function misused(message: string): Failure {
  return new Failure('input', 'bad-usage', message);
}
