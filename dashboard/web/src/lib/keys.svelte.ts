/**
 * Keys: every one is named here by whoever listens to it, so that `?` can show them all.
 *
 * The rule: single letters work where nobody types. Whoever binds a key says in a few words what it does; the latest
 * binding of a key wins, so that a pane or a menu may take one for as long as it is open.
 */

export interface KeyBinding {
  /** As `KeyboardEvent.key` has it: `j`, `ArrowDown`, `Escape`; `shift+` and `mod+` before it where they are held. */
  readonly key: string;
  /** A few words; bindings with the same words are shown together. */
  readonly does: string;
  /** Under which heading it is shown. */
  readonly where: string;
  /** It works in text fields too. */
  readonly always?: boolean;
  readonly run: (event: KeyboardEvent) => void;
}

class Keys {
  bindings = $state.raw<readonly KeyBinding[]>([]);

  constructor() {
    addEventListener('keydown', (event) => this.#pressed(event));
  }

  /** Until the answered function is called: to be returned from an `$effect`. */
  bind(bindings: readonly KeyBinding[]): () => void {
    this.bindings = [...this.bindings, ...bindings];
    return () => (this.bindings = this.bindings.filter((each) => !bindings.includes(each)));
  }

  #pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const typing = isTyping(event.target);
    const name = nameOf(event);
    const binding = this.bindings.findLast(({ key, always }) => key === name && (always === true || !typing));
    if (binding === undefined) return;
    event.preventDefault();
    binding.run(event);
  }
}

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

export const keys = new Keys();
