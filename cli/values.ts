/**
 * The kinds of values that options take. Every value comes in as text (command line, environment) or
 * as JSON (config file); a kind accepts it or returns undefined, and says in words what it accepts.
 */

export interface ValueKind<T> {
  /** Completes "takes ...": `a port from 0 to 65535`. */
  readonly accepts: string;
  /** The option needs no value on the command line: it is then as if this had been given. */
  readonly bare?: string;
  fromText(text: string): T | undefined;
  fromJson(value: unknown): T | undefined;
}

const YES = /^(1|true|yes|on)$/i;
const NO = /^(0|false|no|off)$/i;

/** A whole number in decimal digits, both ends included. */
export function whole(what: string, min: number, max: number): ValueKind<number> {
  const check = (value: number) =>
    Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  return {
    accepts: `${what} from ${min} to ${max}`,
    fromText: (text) => (/^-?\d{1,15}$/.test(text) ? check(Number(text)) : undefined),
    fromJson: (value) => (typeof value === 'number' ? check(value) : undefined),
  };
}

/** 0 lets the system choose a free one. */
export function port(): ValueKind<number> {
  return whole('a port', 0, 65_535);
}

/** Where something listens. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `192.0.2.1:27313`, `relay.example:27313`, `[::1]:27313`; null where it is not written like that. */
export function readHostPort(text: string, portMin = 1): HostPort | null {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = Number(digits);
  return host === undefined || number < portMin || number > 65_535 ? null : { host, port: number };
}

/** `portMin` is 0 where the system may choose one. */
export function hostPort(portMin: 0 | 1 = 1): ValueKind<string> {
  const check = (value: string) => (readHostPort(value, portMin) === null ? undefined : value);
  return {
    accepts: 'a host and a port, such as 127.0.0.1:27313',
    fromText: check,
    fromJson: (value) => (typeof value === 'string' ? check(value) : undefined),
  };
}

/** One listener of a proxy, and where it leads. */
export interface ProxyListener {
  /** Null where it listens wherever all others do. */
  readonly host: string | null;
  readonly port: number;
  readonly target: HostPort;
}

/** More than that are not typed by people. */
export const PROXY_LISTENERS_MAX = 64;

/** `5001=game.example:5001`, `127.0.0.1:5001=[::1]:5002`; null where it is not written like that. */
export function readProxyListener(text: string): ProxyListener | null {
  const [, listen = '', to = ''] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  const target = readHostPort(to);
  if (target === null) return null;
  if (/^\d{1,5}$/.test(listen)) {
    const port = Number(listen);
    return port > 65_535 ? null : { host: null, port, target };
  }
  // 0 lets the system choose a free one here too, which is no place to connect to.
  const free = /^(.+):0$/.exec(listen)?.[1];
  const at = readHostPort(free === undefined ? listen : `${free}:1`);
  return at === null ? null : { host: at.host, port: free === undefined ? at.port : 0, target };
}

export function readProxyListeners(text: string): readonly ProxyListener[] | null {
  const listeners = text.split(',').map(readProxyListener);
  if (listeners.length > PROXY_LISTENERS_MAX) return null;
  return listeners.every((each) => each !== null) ? listeners : null;
}

/** Several, one after the other. */
export function proxyListeners(): ValueKind<string> {
  return list(
    'LISTEN=HOST:PORT, where LISTEN is a port or ADDRESS:PORT, such as 5001=game.example:5001, or several with commas between them',
    (text) => readProxyListeners(text) !== null,
  );
}

/** More than that are no longer names that people give. */
export const GIVEN_NAMES_MAX = 1000;
const GIVEN_NAME = /^([A-Za-z_][A-Za-z0-9_-]{0,63})=(\d{1,10})$/;

/** `COMMAND1=1,COMMAND2=2` by number; null where it is not written like that, or two have one number or one name. */
export function readGivenNames(text: string): ReadonlyMap<number, string> | null {
  const pairs = text.split(',').map((pair) => GIVEN_NAME.exec(pair));
  const names = new Map<number, string>();
  for (const pair of pairs) {
    const [name, value] = [pair?.[1], Number(pair?.[2])];
    if (name === undefined || value >= 2 ** 32) return null;
    names.set(value, name);
  }
  const areOne = names.size === pairs.length && new Set(names.values()).size === pairs.length;
  return areOne && pairs.length <= GIVEN_NAMES_MAX ? names : null;
}

export function givenNames(): ValueKind<string> {
  return list(
    'NAME=NUMBER, or several with commas between them, each name and each number once, such as COMMAND1=1,COMMAND2=2',
    (text) => readGivenNames(text) !== null,
  );
}

/** Kept as one text with commas; a config file may have a list. */
function list(accepts: string, isSo: (text: string) => boolean): ValueKind<string> {
  const check = (text: string) => (isSo(text) ? text : undefined);
  return {
    accepts,
    fromText: check,
    fromJson(value) {
      if (typeof value === 'string') return check(value);
      const isList = Array.isArray(value) && value.length > 0;
      return isList && value.every((each) => typeof each === 'string') ? check(value.join(',')) : undefined;
    },
  };
}

/** A number with or without a fraction, in decimal digits, both ends included. */
export function decimal(what: string, min: number, max: number): ValueKind<number> {
  const check = (value: number) => (value >= min && value <= max ? value : undefined);
  return {
    accepts: `${what} from ${min} to ${max}`,
    fromText: (text) => (/^\d{1,9}(\.\d{1,9})?$/.test(text) ? check(Number(text)) : undefined),
    fromJson: (value) => (typeof value === 'number' ? check(value) : undefined),
  };
}

/** Sessions are numbered from 1 in each file. */
export function sessionNumber(): ValueKind<number> {
  return whole('the number of a session', 1, 2 ** 31 - 1);
}

/** Or none at all, said on purpose. `0` is a value like any other here: ports have it. */
export function orNone<T>(kind: ValueKind<T>): ValueKind<T | null> {
  const isNone = (text: string) => /^(off|no|false)$/i.test(text);
  return {
    accepts: `${kind.accepts}, or off`,
    fromText: (text) => (isNone(text) ? null : kind.fromText(text)),
    // A file may say it in the word that refusals name.
    fromJson: (value) =>
      value === false || (typeof value === 'string' && isNone(value)) ? null : kind.fromJson(value),
  };
}

/** Something that only those know who may. Short ones can be guessed, and others cannot be typed into a header. */
export function secret(charactersMin: number, charactersMax: number): ValueKind<string> {
  const check = (value: string) =>
    value.length >= charactersMin && value.length <= charactersMax && /^[!-~]+$/.test(value)
      ? value
      : undefined;
  return {
    accepts: `${charactersMin} to ${charactersMax} letters, digits and signs without spaces`,
    fromText: check,
    fromJson: (value) => (typeof value === 'string' ? check(value) : undefined),
  };
}

/** One line of text. */
export function text(what: string, charactersMax: number): ValueKind<string> {
  const check = (value: string) =>
    value !== '' && value.length <= charactersMax && !/[\0-\x1f\x7f]/.test(value) ? value : undefined;
  return {
    accepts: `${what} of at most ${charactersMax} characters`,
    fromText: check,
    fromJson: (value) => (typeof value === 'string' ? check(value) : undefined),
  };
}

/** What a client of the TCP relay is called there. */
export function relayName(bytesMax: number): ValueKind<string> {
  const check = (value: string) =>
    value !== '' && new TextEncoder().encode(value).length <= bytesMax && !/[\0-\x1f\x7f|]/.test(value)
      ? value
      : undefined;
  return {
    accepts: `a name of 1 to ${bytesMax} bytes without |`,
    fromText: check,
    fromJson: (value) => (typeof value === 'string' ? check(value) : undefined),
  };
}

export function choice<const T extends string>(...words: readonly T[]): ValueKind<T> {
  const check = (value: unknown) => words.find((word) => word === value);
  return { accepts: `one of ${words.join(', ')}`, fromText: check, fromJson: check };
}

export function flag(): ValueKind<boolean> {
  return {
    accepts: 'true or false',
    bare: 'true',
    fromText: (value) => (YES.test(value) ? true : NO.test(value) ? false : undefined),
    fromJson: (value) => (typeof value === 'boolean' ? value : undefined),
  };
}

/** A file name; or yes, which is the usual name; or no, which is null. */
export function optionalFile(usual: string): ValueKind<string | null> {
  const name = text('a file name', 4096);
  return {
    accepts: `a file name, true (${usual}) or false`,
    bare: usual,
    fromText: (value) => (YES.test(value) ? usual : NO.test(value) ? null : name.fromText(value)),
    fromJson: (value) => (value === true ? usual : value === false ? null : name.fromJson(value)),
  };
}
