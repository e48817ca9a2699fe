/** What a person fills in to start a replay, as the request and as the command that does the same. */
import type { NewReplay } from '../../../../api/replays.ts';

export interface Form {
  readonly session: string;
  readonly against: string;
  /** Of the control server; empty to leave the lobby out. */
  readonly control: string;
  readonly pace: NewReplay['pace'];
  readonly speed: string;
  /** Seconds; empty for the usual. */
  readonly patience: string;
  /** The content of a file of masks; empty for none. */
  readonly masks: string;
}

export type FormErrors = Readonly<Partial<Record<keyof Form, string>>>;

export const paceTexts = {
  causal: 'As soon as its client has got what it had got before',
  recorded: 'At the recorded times',
  max: 'Without waiting for what other players send',
} as const satisfies Readonly<Record<NewReplay['pace'], string>>;

/** The name of the protocol whose target is asked for apart. */
const CONTROL = 'adhocctl';
const hostPort = /^(\[[0-9a-fA-F:.%]+\]|[^\s:/]+):(\d{1,5})$/;

/** The request, or what is wrong, field by field. */
export function requestOf(form: Form): { readonly request: NewReplay } | { readonly errors: FormErrors } {
  const errors: { -readonly [K in keyof Form]?: string } = {};
  const session = Number(form.session);
  if (!Number.isSafeInteger(session) || session < 1) errors.session = 'the number of a session';
  if (!isHostPort(form.against)) errors.against = 'HOST:PORT, such as 127.0.0.1:27313';
  if (form.control.trim() !== '' && !isHostPort(form.control))
    errors.control = 'HOST:PORT, such as 127.0.0.1:27312';
  const speed = Number(form.speed || '1');
  if (!(speed > 0 && speed <= 1_000)) errors.speed = 'a number above 0, up to 1000';
  const patience = Number(form.patience || '2');
  if (!(patience >= 0.1 && patience <= 600)) errors.patience = 'seconds, from 0.1 to 600';
  let masks: unknown = null;
  if (form.masks.trim() !== '') {
    try {
      masks = JSON.parse(form.masks);
    } catch (error) {
      errors.masks = error instanceof Error ? error.message : 'this is not JSON';
    }
  }
  if (Object.keys(errors).length > 0) return { errors };
  return {
    request: {
      session,
      against: form.against.trim(),
      pace: form.pace,
      ...(form.control.trim() !== '' && { targets: { [CONTROL]: form.control.trim() } }),
      ...(form.pace === 'recorded' && form.speed !== '' && { speed }),
      ...(form.patience !== '' && { patience }),
      ...(masks !== null && { masks }),
    },
  };
}

function isHostPort(text: string): boolean {
  const match = hostPort.exec(text.trim());
  return match !== null && Number(match[2]) > 0 && Number(match[2]) < 65_536;
}

/** For a terminal, in the folder of the capture file. */
export function commandOf(form: Form, file: string): string {
  const masked = form.masks.trim() === '' ? [] : ['--masks', 'masks.json'];
  return [
    'postreel',
    'replay',
    file,
    '--session',
    form.session || 'ID',
    '--against',
    form.against.trim() || 'HOST:PORT',
    ...(form.control.trim() === '' ? [] : [`--against-${CONTROL}`, form.control.trim()]),
    ...(form.pace === 'causal' ? [] : ['--pace', form.pace]),
    ...(form.pace === 'recorded' && form.speed !== '' ? ['--speed', form.speed] : []),
    ...(form.patience === '' ? [] : ['--patience', form.patience]),
    ...masked,
  ]
    .map(quoted)
    .join(' ');
}

/** As a shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const KEY = 'postreel.replay';

/** What was filled in last, but for the session and the masks. */
export function remembered(): Pick<Form, 'against' | 'control' | 'pace' | 'speed' | 'patience'> {
  let kept: Partial<Record<keyof Form, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) kept = parsed;
  } catch {
    // Somebody else wrote there.
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const pace = text(kept.pace);
  return {
    against: text(kept.against),
    control: text(kept.control),
    pace: pace in paceTexts ? (pace as Form['pace']) : 'causal',
    speed: text(kept.speed),
    patience: text(kept.patience),
  };
}

export function remember({ against, control, pace, speed, patience }: Form): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ against, control, pace, speed, patience }));
  } catch {
    // A browser that keeps nothing.
  }
}
