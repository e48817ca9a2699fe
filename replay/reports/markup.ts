/**
 * Text with tags in it, for HTML and for XML.
 *
 * The rule: whatever is put into a template is escaped, unless it is markup already. So nothing that a peer
 * chose can become a tag, end an attribute, or be a character that neither format may have.
 */

export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** For our own text, which is markup as it stands. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.text;
  }
}

export type Content = Markup | string | number | readonly Markup[];

/** A template of which only what stands between the values is taken as it is. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0] as string;
  values.forEach((value, i) => (text += contentText(value) + (parts[i + 1] as string)));
  return Markup.trusted(text);
}

export const NOTHING = Markup.trusted('');

function contentText(value: Content): string {
  if (value instanceof Markup) return value.text;
  return typeof value === 'object' ? value.map(({ text }) => text).join('') : escaped(String(value));
}

/** Control characters; what turns the direction of writing; halves of characters; what is no character at all. */
const UNFIT =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fit to stand between tags and within quotes. */
export function escaped(text: string): string {
  return text
    .replaceAll(UNFIT, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => entities[character] as string);
}
