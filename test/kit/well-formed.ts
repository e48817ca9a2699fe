/**
 * Reads markup as strictly as XML is read, and answers what is in it. HTML counts where it closes all that it opens, except
 * for the elements that never have an end.
 */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

/** What XML 1.0 does not let stand anywhere, lone halves of characters included. */
const FORBIDDEN =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const TOKEN =
  /<!doctype html>|<\?xml [^?]*\?>|<\/([a-z][a-z0-9-]*)>|<([a-z][a-z0-9-]*)((?:\s+[a-z-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
const ENTITY = /&(?:(amp|lt|gt|quot|#39);)?/g;
const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Throws at the first thing that is wrong. `endless` are the names of elements without an end. */
export function parseMarkup(text: string, endless: readonly string[] = []): Element {
  const bad = FORBIDDEN.exec(text);
  if (bad !== null) throw new Error(`a character that may not be there: ${JSON.stringify(bad[0])}`);
  const top = { name: '', attributes: {}, children: [] as (Element | string)[] };
  const open = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`not markup: ${JSON.stringify(text.slice(at, at + 60))}`);
    const [, closing, opening, attributes = '', isClosed, content] = found;
    const inside = open.at(-1)!;
    if (closing !== undefined) {
      if (inside.name !== closing) throw new Error(`</${closing}> within <${inside.name}>`);
      open.pop();
    } else if (opening !== undefined) {
      const element = { name: opening, attributes: attributesOf(attributes), children: [] };
      inside.children.push(element);
      if (isClosed === '' && !endless.includes(opening)) open.push(element);
    } else if (content !== undefined) inside.children.push(decoded(content));
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is never closed`);
  const elements = top.children.filter((each) => typeof each !== 'string');
  if (elements.length !== 1) throw new Error(`there are ${elements.length} elements at the top`);
  return elements[0]!;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/([a-z-]+)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`${name} is there twice`);
    attributes[name] = decoded(value);
  }
  return attributes;
}

function decoded(text: string): string {
  return text.replaceAll(ENTITY, (entity, name: string | undefined) => {
    if (name === undefined) throw new Error(`an & that is not escaped: ${JSON.stringify(text.slice(0, 60))}`);
    return characters[name] ?? entity;
  });
}

/** All elements of this name, in order, wherever they are. */
export function elements(within: Element, name: string): readonly Element[] {
  return within.children.flatMap((child) => {
    if (typeof child === 'string') return [];
    return [...(child.name === name ? [child] : []), ...elements(child, name)];
  });
}

/** All text within. */
export function textOf(within: Element): string {
  return within.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}
