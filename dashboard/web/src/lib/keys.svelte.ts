/**
 * Keys: every one is named here by whoever listens to it, so that `?` can show them all.
 *
 * The rule: single letters work where nobody types. Whoever binds a key says in a few words what it does; the latest
 * binding of a key wins, so that a pane or a menu may take one for as long as it is open. While a dialog is open, and on
 * what Enter presses by itself, keys mean what they mean there.
 */
import { untrack } from 'svelte';

/** For so long, the first of two keys waits for the second. */
export const SECOND_KEY_MS = 1_500;

export interface KeyBinding {
  /**
   * As `KeyboardEvent.key` has it: `j`, `ArrowDown`, `Escape`; `shift+` and `mod+` before it where they are held. With a
   * blank between them, one after the other: `g n`.
   */
  readonly key: string;
  /** A few words; bindings with the same words are shown together. */
  readonly does: string;
  /** Under which heading it is shown. */
  readonly where: string;
  /** It works in text fields too. */
  readonly always?: boolean;
  /** One of many that do alike: it works, and the help does not name it. */
  readonly isUntold?: boolean;
  readonly run: (event: KeyboardEvent) => void;
}

class Keys {
  bindings = $state.raw<readonly KeyBinding[]>([]);
  #first = '';
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    addEventListener('keydown', (event) => this.#pressed(event));
  }

  /** Until the answered function is called: to be returned from an `$effect`. */
  bind(bindings: readonly KeyBinding[]): () => void {
    // Whoever binds in an effect does not bind anew when others do.
    this.bindings = [...untrack(() => this.bindings), ...bindings];
    return () => (this.bindings = this.bindings.filter((each) => !bindings.includes(each)));
  }

  #pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || modifiers.has(event.key)) return;
    const first = this.#first;
    this.#wait('');
    if (document.querySelector('dialog[open]') !== null || pressesItself(event)) return;
    const typing = isTyping(event.target);
    const name = nameOf(event);
    const find = (wanted: string) =>
      this.bindings.findLast(({ key, always }) => key === wanted && (always === true || !typing));
    const binding = (first === '' ? undefined : find(`${first} ${name}`)) ?? find(name);
    if (binding !== undefined) {
      event.preventDefault();
      binding.run(event);
    } else if (!typing && this.bindings.some(({ key }) => key.startsWith(`${name} `))) {
      event.preventDefault();
      this.#wait(name);
    }
  }

  /** For the key after this one. */
  #wait(name: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = name === '' ? null : setTimeout(() => (this.#first = ''), SECOND_KEY_MS);
    this.#first = name;
  }
}

const modifiers: ReadonlySet<string> = new Set(['Shift', 'Control', 'Alt', 'Meta']);

export function nameOf({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): string {
  const mod = ctrlKey || metaKey ? 'mod+' : '';
  const alt = altKey ? 'alt+' : '';
  // Of a sign such as `?`, shift is a part already.
  const shift = shiftKey && (key.length > 1 || /[a-z]/i.test(key)) ? 'shift+' : '';
  return `${mod}${alt}${shift}${key.length === 1 ? key.toLowerCase() : key}`;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest('textarea, select, input:not([type=checkbox], [type=radio])') !== null)
  );
}

/** Enter and the space bar on a button or a link. */
function pressesItself({ key, target }: KeyboardEvent): boolean {
  return (
    (key === 'Enter' || key === ' ') &&
    target instanceof Element &&
    target.closest(key === 'Enter' ? 'a, button, summary' : 'button, summary, input') !== null
  );
}

const signs: Readonly<Record<string, string>> = {
  ArrowUp: '\u2191',
  ArrowDown: '\u2193',
  ArrowLeft: '\u2190',
  ArrowRight: '\u2192',
  Escape: 'Esc',
  PageUp: 'Page up',
  PageDown: 'Page down',
  ' ': 'Space',
  mod: 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
};

/** Of a binding's key: what is written on each of the keys that are pressed. */
export function keySigns(key: string): readonly string[] {
  if (key === ' ') return ['Space'];
  return key
    .split(' ')
    .flatMap((each) => (each === '+' ? ['+'] : each.split('+')))
    .map((name) => signs[name] ?? (name.length === 1 ? name.toUpperCase() : name));
}

export interface KeyGroup {
  readonly where: string;
  readonly lines: readonly { readonly does: string; readonly names: readonly string[] }[];
}

/** For `?`: under each heading what can be done, with all keys that do it. What is bound last for a key is what it does. */
export function groupedKeys(bindings: readonly KeyBinding[]): readonly KeyGroup[] {
  const latest = new Map(bindings.map((binding) => [binding.key, binding]));
  const groups = new Map<string, Map<string, string[]>>();
  for (const binding of bindings) {
    if (latest.get(binding.key) !== binding || binding.isUntold === true) continue;
    const lines = groups.get(binding.where) ?? new Map<string, string[]>();
    groups.set(binding.where, lines);
    lines.set(binding.does, [...(lines.get(binding.does) ?? []), binding.key]);
  }
  return Array.from(groups, ([where, lines]) => ({
    where,
    lines: Array.from(lines, ([does, names]) => ({ does, names })),
  }));
}

export const keys = new Keys();
