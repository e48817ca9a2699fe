/** docs/protocols/: a page for each protocol, and for each that is only found inside payloads, made of their tables. */
import { FAULTS_OWN } from '../protocol/fault.ts';
import { type PayloadProtocol, payloadProtocols } from '../protocol/payload.ts';
import { protocols } from '../protocol/registry.ts';
import { Direction, type FieldSpec, type FrameSpec, type Protocol } from '../protocol/types.ts';
import { countText } from './format.ts';
import { type GeneratedDoc, table } from './markdown.ts';
import { flagText, listenerOptions } from './options.ts';
import { fieldTable } from './protocol-fields.ts';
import { type Turn, turnsOf } from './protocol-turns.ts';

const MADE = '<!-- Made by `npm run docs` from the tables of protocol/. Change those, not this. -->';

export const protocolDocs: readonly GeneratedDoc[] = [
  { file: 'docs/protocols/README.md', make: indexDoc },
  ...protocols.map((protocol) => ({
    file: `docs/protocols/${protocol.name}.md`,
    make: () => protocolDoc(protocol),
  })),
  ...payloadProtocols.map((protocol) => ({
    file: `docs/protocols/${protocol.name}.md`,
    make: () => payloadDoc(protocol),
  })),
];

function indexDoc(): string {
  return [
    MADE,
    '',
    '# Protocols',
    '',
    'What is on the wire, byte by byte. Each page is made of the tables from which the relay’s dissector, its filters and its fuzzers work.',
    '',
    ...table(
      ['protocol', 'listens on', 'unless asked otherwise', 'can be replayed'],
      protocols.map((protocol) => [
        `[${protocol.title}](${protocol.name}.md)`,
        protocol.transports.map((transport) => `${transport} ${protocol.port}`).join(', '),
        protocol.isOptional === true ? 'off' : 'on',
        protocol.noReplay === undefined ? 'yes' : `no: ${protocol.noReplay}`,
      ]),
    ),
    '',
    'Inside payloads, and only dissected:',
    '',
    ...payloadProtocols.map(({ title, name }) => `- [${title}](${name}.md)`),
    '',
    'What two [tunnels](tunnel.md) say to each other through the TCP relay has a page of its own, which is written by hand.',
    '',
    'Names of fields are those of [filters](../filter.md): `postoffice.addr`. Why connections end in every protocol stands in',
    '[faults.md](../faults.md).',
    '',
  ].join('\n');
}

export function protocolDoc(protocol: Protocol): string {
  const { title, frames, faults } = protocol;
  return [
    MADE,
    '',
    `# ${title}`,
    '',
    ...opening(protocol),
    '',
    ...points(protocol.about),
    '## What comes when',
    '',
    ...turnsOf(protocol).map(turnText),
    ...frames.flatMap((spec, kind) =>
      spec.announces === undefined
        ? []
        : [
            `- After each \`${spec.name}\` (kind ${kind}) come, before anything else, as many bytes as its \`${spec.announces.field}\` says: \`${nameOf(frames, spec.announces.kind)}\`.`,
          ],
    ),
    '',
    ...[Direction.toRelay, Direction.toPeer].flatMap((direction) => [
      `## ${direction === Direction.toRelay ? 'From clients' : 'From the relay'}`,
      '',
      ...frames.flatMap((spec, kind) => (spec.direction === direction ? frameText(frames, spec, kind) : [])),
    ]),
    '## Why connections end',
    '',
    'Beside what [all protocols have in common](../faults.md):',
    '',
    ...table(
      ['code', 'name', 'meaning'],
      faults.map(({ name, text }, i) => [String(FAULTS_OWN + i), `\`${name}\``, text]),
    ),
    '',
    '## Limits',
    '',
    ...limits(protocol).map((each) => `- ${each}`),
    '',
  ].join('\n');
}

function payloadDoc({ title, name, about, frames, opens }: PayloadProtocol): string {
  const opening = frames.filter((_, kind) => opens.has(kind)).map(quoted);
  return [
    MADE,
    '',
    `# ${title}`,
    '',
    `It is found inside the payloads of other protocols, which the relay forwards untouched: it is dissected, and never acted upon. Its fields are`,
    `named \`${name}.…\` in [filters](../filter.md).`,
    '',
    ...points([
      ...(about ?? []),
      `A conversation counts as one of it if its first message that could be of it is ${listText(opening, 'or')}.`,
    ]),
    '## Messages',
    '',
    ...frames.flatMap((spec, kind) => frameText(frames, spec, kind)),
  ].join('\n');
}

function opening({ name, transports, port, isOptional, isProxy, noReplay }: Protocol): string[] {
  const option = listenerOptions.find((each) => each.name === name);
  const listens = transports.map((transport) => `${transport} ${port}`).join(' and ');
  return [
    `Default port: ${listens}. ${isOptional === true ? 'Off unless asked for' : 'On unless told otherwise'}: \`postreel relay ${option === undefined ? `--${name}` : flagText(option)}\`.`,
    ...(isProxy === true ? ['It stands before somebody who listens elsewhere, and passes on to them.'] : []),
    ...(noReplay === undefined ? [] : [`A capture of it cannot be replayed: ${noReplay}.`]),
  ];
}

function points(about: readonly string[] = []): string[] {
  return about.length === 0 ? [] : [...about.map((each) => `- ${each}`), ''];
}

function turnText({ direction, after, kinds }: Turn): string {
  const who = direction === Direction.toRelay ? 'clients send' : 'the relay sends';
  const when =
    after === null
      ? 'In each datagram'
      : after.length === 0
        ? 'At first'
        : `After ${listText(after.map(quoted), 'or')}`;
  const what = kinds.map((spec) => `[${quoted(spec)}](#${spec.name.toLowerCase()})`);
  return `- ${when} ${who} ${listText(what, 'or')}.`;
}

type Named = Pick<FrameSpec, 'name' | 'fields' | 'note'> & Partial<FrameSpec>;

function frameText(frames: readonly Named[], spec: Named, kind: number): string[] {
  const same = frames
    .slice(0, kind)
    .find((other) => other.fields.length > 1 && isSame(other.fields, spec.fields));
  return [
    `### ${spec.name}`,
    '',
    ...(spec.note === undefined ? [] : [spec.note, '']),
    ...facts(frames, spec, kind).map((each) => `- ${each}`),
    '',
    ...(same !== undefined
      ? [`It has the fields of [${quoted(same)}](#${same.name.toLowerCase()}).`, '']
      : spec.fields.length === 0
        ? []
        : [...fieldTable(spec.fields), '']),
  ];
}

function facts(frames: readonly Named[], spec: Named, kind: number): string[] {
  const { bytesMin, bytesMax, becomes, lossless, forRelay, pieces, otherwise } = spec;
  const sizes =
    bytesMin === undefined || bytesMax === undefined || pieces === true
      ? ''
      : bytesMin === bytesMax
        ? `, ${plural(bytesMin)}`
        : `, ${countText(bytesMin)} to ${plural(bytesMax)}`;
  return [
    `Kind ${kind}${sizes}.`,
    ...(pieces === true ? ['Whatever bytes there are; where they are cut means nothing.'] : []),
    ...(otherwise === true ? ['All that is none of the other kinds.'] : []),
    ...(forRelay === true ? ['Meant for the relay itself.'] : []),
    ...(becomes === undefined ? [] : [`Forwarded: its receiver gets it as \`${nameOf(frames, becomes)}\`.`]),
    ...(lossless === true
      ? ['Nothing of it may be lost: where its receiver is slow, its sender is slowed.']
      : []),
  ];
}

function limits({ frames, outboxBytesMax, unfinished }: Protocol): string[] {
  const longest = frames
    .filter(({ pieces }) => pieces !== true)
    .reduce((one, other) => (other.bytesMax > one.bytesMax ? other : one));
  return [
    `No frame is longer than ${plural(longest.bytesMax)} (\`${longest.name}\`): a longer one is refused from its first bytes.`,
    `A client that does not read is closed when ${plural(outboxBytesMax)} wait for it.`,
    ...(unfinished === undefined
      ? []
      : [`A frame that has begun must be whole within ${unfinished.ms / 1000} s.`]),
  ];
}

/** With what is inside them, as far as tables say it. */
function isSame(one: readonly FieldSpec[], other: readonly FieldSpec[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function plural(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${countText(bytes)} bytes`;
}

function nameOf(frames: readonly Named[], kind: number): string {
  return frames[kind]?.name ?? `kind-${kind}`;
}

function quoted({ name }: Named): string {
  return `\`${name}\``;
}

function listText(items: readonly string[], word: 'or' | 'and'): string {
  if (items.length < 2) return items[0] ?? 'nothing';
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1) as string}`;
}
