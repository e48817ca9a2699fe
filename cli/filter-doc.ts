/** docs/filter.md: the filter language with examples first, and then its fields and names from the tables. */
import type { FilterField } from '../analysis/filter/fields.ts';
import { type Language, language as everything } from '../analysis/filter/language.ts';
import {
  DEPTH_MAX,
  FILTER_CHARACTERS_MAX,
  LIST_MAX,
  NODES_MAX,
  PATTERN_CHARACTERS_MAX,
  PATTERN_REPEAT_MAX,
  PATTERN_STATES_MAX,
} from '../analysis/filter/limits.ts';
import { type FieldTypeName, fieldTypes, nameText } from '../analysis/filter/types.ts';
import { payloadProtocols } from '../protocol/payload.ts';
import { protocols } from '../protocol/registry.ts';
import { table } from './markdown.ts';

export interface FilterExample {
  readonly filter: string;
  readonly meaning: string;
}

const general: readonly FilterExample[] = [
  { filter: 'outcome != forwarded', meaning: 'what went no further, and what the relay wrote itself' },
  {
    filter: 'kind == pdp && from == 02:aa:bb:cc:dd:01 && size > 1000',
    meaning: 'large datagrams of one player, whatever the port',
  },
  {
    filter: 'from in (02:aa:bb:cc:dd:01, 02:aa:bb:cc:dd:02/12345)',
    meaning: 'from one player, or from one port of another',
  },
  {
    filter: 'kind in (pdp, ptp) && !(to == relay)',
    meaning: 'data that was meant for somebody and got on its way',
  },
  { filter: 'time > 12.5 && time < 60', meaning: 'between these seconds of the capture' },
  { filter: 'delay >= 5 || outcome == undelivered', meaning: 'what the relay held for 5 ms or lost' },
  { filter: 'payload contains 01:e0', meaning: 'these two bytes, anywhere in the payload' },
  { filter: 'payload matches "^(ULUS|ULES)[0-9]{5}"', meaning: 'payloads that begin with a product code' },
  {
    filter: 'from.address == 192.0.2.1 && to.role != pdp',
    meaning: 'by where somebody is, and what a connection is for',
  },
  {
    filter: 'postoffice.init_type == PTP_CONNECT',
    meaning: 'by a field of a protocol, and the name of its value',
  },
];

/** One for each protocol inside payloads: its first field that has names. */
function ofPayloads(): readonly FilterExample[] {
  return payloadProtocols.flatMap(({ name, title }) => {
    const field = [...everything.fields.values()].find(
      (each) => each.name.startsWith(`${name}.`) && each.names.length > 0,
    );
    const value = field?.names[2] ?? field?.names.at(-1);
    if (field === undefined || value === undefined) return [];
    return [
      {
        filter: `${field.name} == ${nameText(value.name)}`,
        meaning: `by a field of ${title}, inside payloads`,
      },
    ];
  });
}

/** Each of them is a filter. */
export const filterExamples: readonly FilterExample[] = [...general, ...ofPayloads()];

const typeTitles: Readonly<Record<FieldTypeName, string>> = {
  number: 'number',
  name: 'name',
  text: 'text',
  escaped: 'text, escaped',
  bytes: 'bytes',
  mac: 'MAC address',
  end: 'endpoint',
  address: 'IP address',
};

export function filterDoc(): string {
  return [
    '<!-- Made by `npm run docs` from the tables of analysis/filter/ and protocol/. Change those, not this. -->',
    '',
    '# Filters',
    '',
    'A filter says which frames are wanted: `postreel frames FILE --filter EXPR`. Put it in single quotes, so that the shell leaves it alone.',
    '',
    '## Examples',
    '',
    ...table(
      ['filter', 'frames'],
      filterExamples.map(({ filter, meaning }) => [code(filter), meaning]),
    ),
    '',
    '## How it is written',
    '',
    '- A comparison is a field, an operator and a value: `size > 1000`. A field in a list of values: `kind in (pdp, ptp)`.',
    '- `!` is not, `&&` is and, `||` is or. `!` binds tightest and `||` least; parentheses group. `!` stands before a comparison: `!size > 3` is `!(size > 3)`.',
    '- Blanks and line ends may stand anywhere between, and need not.',
    '- Fields, and names of values, may be written in capitals or not. Text is compared as it is.',
    '- **What a frame does not have.** A field that a frame does not have makes every comparison false, `!=` as well: `payload.size != 0` is',
    '  false for a frame without a payload, and `!(payload.size == 0)` is true for it.',
    '- A field that a frame has several times makes a comparison true if one of its values does.',
    '- What a payload is, the payloads before it tell. A filter that names a field inside payloads reads them all, from the first frame on; where another',
    '  filter leaves out how a conversation began, the lines that it prints may say of a payload only how long it is.',
    '- While a capture is being recorded, a frame is judged by what is known of it when it is read.',
    '',
    '## Values',
    '',
    'The type of the field decides how a value is read.',
    '',
    ...table(
      ['type', 'value', 'operators'],
      (Object.keys(fieldTypes) as FieldTypeName[]).map((name) => [
        typeTitles[name],
        fieldTypes[name].accepts,
        fieldTypes[name].operators.map(code).join(' '),
      ]),
    ),
    '',
    '- Numbers may have names, such as `PTP_CONNECT`: see below.',
    '- Bytes are pairs of hexadecimal digits, with colons or without. In quotes, they are the UTF-8 of the text.',
    '- In quotes, `\\"` is a quote, `\\\\` a backslash, `\\n`, `\\r` and `\\t` are what they are elsewhere, and `\\xNN` is a byte or, in text, the',
    '  character of this code.',
    '- Escaped text is any bytes: what can be seen stands for itself, and every other byte is `\\xNN`, in patterns as well.',
    '- An endpoint that is written without its slash is all endpoints that differ only in what follows the slash: a MAC address is a player, whatever',
    '  the port. Names of endpoints that are no words go into quotes.',
    '',
    '## Patterns',
    '',
    '`matches` takes a regular expression in quotes and is true if it matches anywhere in the text or bytes. Patterns are matched in a time that',
    'grows only with the length of the field, so there are no references back and no looking around. There are:',
    '',
    ...table(
      ['pattern', 'matches'],
      [
        ['`abc`', 'these characters; of bytes, each is the character of its code'],
        ['`.`', 'any character, line ends included'],
        ['`[a-f0-9]` `[^a-f]`', 'one of these; one of all others'],
        [
          '`\\d` `\\w` `\\s`',
          'a digit; a letter, a digit or `_`; a blank, all of ASCII. `\\D` `\\W` `\\S`: all others',
        ],
        ['`\\xNN` `\\n` `\\r` `\\t` `\\f` `\\v`', 'the character of this code, or this control character'],
        ['`\\.` `\\"`', 'this sign itself'],
        [
          '`a*` `a+` `a?` `a{3}` `a{2,}` `a{2,5}`',
          'any number of times, at least once, at most once, so many times',
        ],
        ['`a|b` `(ab)` `(?:ab)`', 'one or the other; a group'],
        ['`^` `$`', 'the start and the end of the whole field'],
        ['`(?i)` at the start', 'letters of ASCII in capitals or not'],
      ],
    ),
    '',
    '## Limits',
    '',
    ...table(
      ['what', 'most'],
      [
        ['characters', String(FILTER_CHARACTERS_MAX)],
        ['parentheses and `!` inside each other', String(DEPTH_MAX)],
        ['comparisons, and operators that join them', String(NODES_MAX)],
        ['values in a list', String(LIST_MAX)],
        ['characters of a pattern', String(PATTERN_CHARACTERS_MAX)],
        ['times that a part of a pattern is repeated by number', String(PATTERN_REPEAT_MAX)],
        [
          'states of all patterns together: about one for each character, repeated ones counted each time',
          String(PATTERN_STATES_MAX),
        ],
      ],
    ),
    '',
    ...sections(everything).flatMap(({ title, fields }) => [`## ${title}`, '', ...fieldTable(fields), '']),
    '## Names of values',
    '',
    ...[...everything.fields.values()]
      .filter(({ names, type }) => names.length > 0 && type !== 'end')
      .flatMap((field) => [`### ${code(field.name)}`, '', ...nameTable(field), '']),
  ].join('\n');
}

interface Section {
  readonly title: string;
  readonly fields: readonly FilterField[];
}

function sections({ fields }: Language): readonly Section[] {
  const all = [...fields.values()];
  const owners = [...protocols, ...payloadProtocols];
  const of = (owner: string) => all.filter(({ name }) => name.startsWith(`${owner}.`));
  const owned = new Set(owners.flatMap(({ name }) => of(name)));
  return [
    { title: 'Fields of every frame', fields: all.filter((field) => !owned.has(field)) },
    ...owners.map(({ name, title }) => ({ title: `Fields of ${title}`, fields: of(name) })),
  ];
}

function fieldTable(fields: readonly FilterField[]): string[] {
  return table(
    ['field', 'type', 'what it is'],
    fields.map(({ name, type, names, note }) => [
      code(name),
      typeTitles[type] + (type === 'number' && names.length > 0 ? ', with names' : ''),
      note,
    ]),
  );
}

function nameTable({ type, names }: FilterField): string[] {
  const isNumber = type === 'number';
  const hasNotes = names.some(({ note }) => note !== undefined);
  return table(
    ['name', ...(isNumber ? ['value'] : []), ...(hasNotes ? ['meaning'] : [])],
    names.map(({ name, value, note = '' }) => [
      code(name),
      ...(isNumber ? [String(value)] : []),
      ...(hasNotes ? [note] : []),
    ]),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}
