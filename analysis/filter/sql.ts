/**
 * Pieces of SQL with the values bound in them. A value can get into a piece as a parameter only, so that nothing
 * that a user wrote is ever read as SQL.
 */

export type Param = string | number | Uint8Array;

export interface Sql {
  readonly text: string;
  readonly params: readonly Param[];
}

/** A piece from a template: pieces in it are put in as they are, everything else is bound. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | Param)[]): Sql {
  let text = strings[0] as string;
  const params: Param[] = [];
  for (const [i, part] of parts.entries()) {
    if (typeof part === 'object' && 'params' in part) {
      text += part.text;
      params.push(...part.params);
    } else {
      text += '?';
      params.push(part);
    }
    text += strings[i + 1] as string;
  }
  return { text, params };
}

export const TRUE = sql`1`;
export const FALSE = sql`0`;

/** `a, b, c`. */
export function list(pieces: readonly Sql[]): Sql {
  return { text: pieces.map(({ text }) => text).join(', '), params: pieces.flatMap(({ params }) => params) };
}

/** True if all are; what is always true is left out. */
export function all(pieces: readonly Sql[]): Sql {
  return joined(pieces, ' AND ', TRUE, FALSE);
}

/** True if any is; what is never true is left out. */
export function any(pieces: readonly Sql[]): Sql {
  return joined(pieces, ' OR ', FALSE, TRUE);
}

export function not(piece: Sql): Sql {
  if (piece.text === TRUE.text) return FALSE;
  if (piece.text === FALSE.text) return TRUE;
  return sql`NOT ${piece}`;
}

function joined(pieces: readonly Sql[], by: string, neutral: Sql, decides: Sql): Sql {
  if (pieces.some(({ text }) => text === decides.text)) return decides;
  const rest = pieces.filter(({ text }) => text !== neutral.text);
  if (rest.length <= 1) return rest[0] ?? neutral;
  return {
    text: `(${rest.map(({ text }) => text).join(by)})`,
    params: rest.flatMap(({ params }) => params),
  };
}
