/**
 * What a command runs with: each option from the first of command line, environment, config file and
 * default that has it. A value that its option does not take is refused wherever it stands, in one line
 * that names the place.
 */
import { Failure } from '../common/failure.ts';
import { type GivenName, namedField } from '../protocol/given-names.ts';
import { protocols } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import { readConfig, type Config } from './config.ts';
import { hostPortText } from './format.ts';
import { refuseContradictions } from './contradictions.ts';
import {
  allOptions,
  environmentName,
  listenerOptions,
  namedProtocols,
  nameOptions,
  options,
  optionsOf,
  targetOptions,
  targetProtocols,
  type CommandName,
  type OptionSpec,
  type OptionValue,
} from './options.ts';
import { type ProxyListener, readGivenNames, readProxyListeners } from './values.ts';

type Options = typeof options;
type ValueOf<S> = S extends OptionSpec<infer T> ? T : never;

export type Settings = { readonly [K in keyof Options]: ValueOf<Options[K]> } & {
  /** Those that are not turned off. */
  readonly listeners: readonly ListenerSetting[];
  /** What people call the values of fields. */
  readonly names: readonly GivenName[];
  /** Those that are named for one protocol. */
  readonly targets: readonly { readonly protocol: Protocol; readonly address: string }[];
};

export interface ListenerSetting {
  readonly protocol: Protocol;
  readonly port: number;
  /** Of a proxy: where it listens, if that is not where all others do, and where it leads. */
  readonly proxy?: Pick<ProxyListener, 'host' | 'target'>;
}

/** What was typed, by option name; `true` for an option that came without a value. */
export type Flags = ReadonlyMap<string, string | true>;
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Difference {
  readonly spec: OptionSpec;
  readonly before: OptionValue;
  readonly after: OptionValue;
}

/** Reads the config file, if one is named. Fails with `Failure('input', ...)`. */
export function loadSettings(command: CommandName, flags: Flags, environment: Environment): Settings {
  const file = first([
    () => fromCommandLine(options.config, flags),
    () => fromEnvironment(options.config, environment),
  ]);
  return resolveSettings(command, flags, environment, typeof file === 'string' ? readConfig(file) : null);
}

export function resolveSettings(
  command: CommandName,
  flags: Flags,
  environment: Environment,
  config: Config | null,
): Settings {
  const taken = new Set(optionsOf(command));
  const resolve = <T extends OptionValue>(spec: OptionSpec<T>): T => {
    // The whole file is checked, even what this command does not take: it is one file.
    const filed = config === null ? undefined : fromConfig(spec, config);
    if (!taken.has(spec)) return spec.fallback;
    const given = first([
      () => fromCommandLine(spec, flags),
      () => fromEnvironment(spec, environment),
      () => filed,
    ]);
    return given === undefined ? spec.fallback : given;
  };
  const own = Object.fromEntries(
    Object.entries(options).map(([key, spec]) => [key, resolve<OptionValue>(spec)]),
  );
  const listeners = protocols.flatMap((protocol, index) => {
    const given = resolve(listenerOptions[index] as OptionSpec<number | string | null>);
    if (given === null) return [];
    if (typeof given === 'number') return [{ protocol, port: given }];
    return (readProxyListeners(given) ?? []).map(({ port, ...proxy }) => ({ protocol, port, proxy }));
  });
  const targets = targetProtocols.flatMap((protocol, index) => {
    const address = resolve(targetOptions[index] as OptionSpec<string | null>);
    return address === null ? [] : [{ protocol, address }];
  });
  const names = namedProtocols.flatMap((protocol, index) => {
    const given = resolve(nameOptions[index] as OptionSpec<string | null>);
    const field = namedField(protocol);
    if (given === null || field === null) return [];
    return Array.from(readGivenNames(given) ?? [], ([value, name]): GivenName => {
      return { protocolId: protocol.id, field, value, name };
    });
  });
  const settings = { ...own, listeners, names, targets } as unknown as Settings;
  refuseContradictions(settings, command);
  return settings;
}

/** Variables that look like ours and set nothing: misspelt, most likely, where a guard was meant to be on. */
export function unknownVariables(environment: Environment): string[] {
  const known = new Set(allOptions.map(environmentName));
  return Object.keys(environment).filter(
    (name) => name.startsWith('POSTREEL_') && !name.startsWith('POSTREEL_TEST_') && !known.has(name),
  );
}

/** The options of a command whose values differ between two settings. */
export function settingsDifference(command: CommandName, before: Settings, after: Settings): Difference[] {
  return optionsOf(command)
    .map((spec) => ({ spec, before: settingOf(before, spec), after: settingOf(after, spec) }))
    .filter((difference) => difference.before !== difference.after);
}

function settingOf(settings: Settings, spec: OptionSpec): OptionValue {
  if (listenerOptions.includes(spec as OptionSpec<number | string | null>)) {
    const own = settings.listeners.filter(({ protocol }) => protocol.name === spec.name);
    if (own.every(({ proxy }) => proxy === undefined)) return own[0]?.port ?? null;
    return own.map(({ port, proxy }) => `${proxy?.host ?? ''}:${port}=${targetText(proxy)}`).join(',');
  }
  const named = namedProtocols[nameOptions.indexOf(spec as OptionSpec<string | null>)];
  if (named !== undefined) {
    const own = settings.names.filter(({ protocolId }) => protocolId === named.id);
    return own.map(({ name, value }) => `${name}=${value}`).join(',');
  }
  const key = Object.keys(options).find((candidate) => options[candidate as keyof Options] === spec);
  return settings[key as keyof Options];
}

function targetText(proxy: ListenerSetting['proxy']): string {
  return proxy === undefined ? '' : hostPortText(proxy.target.host, proxy.target.port);
}

// `undefined` says that a source does not have the option. Null is a value: "no", said on purpose, as
// in POSTREEL_RECORD=0, and it hides what a lower source says.

function first<T>(sources: readonly (() => T | undefined)[]): T | undefined {
  for (const source of sources) {
    const value = source();
    if (value !== undefined) return value;
  }
  return undefined;
}

function fromCommandLine<T extends OptionValue>(spec: OptionSpec<T>, flags: Flags): T | undefined {
  const given = flags.get(spec.name);
  if (given === undefined) return undefined;
  const text = given === true ? (spec.value.bare ?? '') : given;
  return accepted(spec.value.fromText(text), `--${spec.name}`, spec, text);
}

function fromEnvironment<T extends OptionValue>(
  spec: OptionSpec<T>,
  environment: Environment,
): T | undefined {
  const name = environmentName(spec);
  const given = environment[name];
  // Compose files and unit files set variables to nothing where they mean "unset".
  if (given === undefined || given === '') return undefined;
  return accepted(spec.value.fromText(given), name, spec, given);
}

function fromConfig<T extends OptionValue>(spec: OptionSpec<T>, config: Config): T | undefined {
  if (!config.values.has(spec)) return undefined;
  const given = config.values.get(spec);
  return accepted(spec.value.fromJson(given), `${config.file}: ${JSON.stringify(spec.name)}`, spec, given);
}

function accepted<T>(value: T | undefined, where: string, spec: OptionSpec, given: unknown): T {
  if (value !== undefined) return value;
  const shown = spec.isSecret ? 'what was given' : JSON.stringify(given);
  const short = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
  throw new Failure('input', 'bad-option', `${where} takes ${spec.value.accepts}, not ${short}`);
}
