/** The pages of protocols tell all that their tables say. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { protocolDoc, protocolDocs } from '../../cli/protocols-doc.ts';
import { turnsOf } from '../../cli/protocol-turns.ts';
import { packageRoot } from '../../cli/version.ts';
import { flatSpecs } from '../../protocol/layout.ts';
import { payloadProtocols } from '../../protocol/payload.ts';
import { protocols } from '../../protocol/registry.ts';
import { scribe, ScribeKind } from '../kit/scribe.ts';

describe.each([...protocols, scribe])('the page of $name', (protocol) => {
  const page = protocolDoc(protocol);

  it.each(protocol.frames)('has $name, with all its fields', ({ name, fields }) => {
    const start = page.indexOf(`### ${name}\n`);
    expect(start).toBeGreaterThan(0);
    const part = page.slice(start, page.indexOf('\n#', start + 1));
    const same = /the fields of \[`(.*)`\]/.exec(part)?.[1];
    const told = same === undefined ? part : page.slice(page.indexOf(`### ${same}\n`));
    for (const field of flatSpecs(fields)) expect(told).toContain(`\`${field.name}\``);
  });

  it('says when each kind may come', () => {
    const announced = new Set(protocol.frames.flatMap(({ announces }) => announces?.kind ?? []));
    const told = new Set(turnsOf(protocol).flatMap(({ kinds }) => kinds));
    for (const [kind, spec] of protocol.frames.entries())
      expect([spec.name, told.has(spec) || announced.has(kind)]).toEqual([spec.name, true]);
  });

  it('has its ports, its faults, its sentences, and no link that leads nowhere', () => {
    expect(page).toContain(String(protocol.port));
    for (const { name, text } of protocol.faults) {
      expect(page).toContain(`\`${name}\``);
      expect(page).toContain(text);
    }
    for (const sentence of protocol.about ?? []) expect(page).toContain(`- ${sentence}\n`);
    const headings = new Set(Array.from(page.matchAll(/^#+ (.*)$/gm), ([, title]) => title?.toLowerCase()));
    for (const [, anchor] of page.matchAll(/\]\(#([^)]*)\)/g)) expect(headings).toContain(anchor);
  });
});

describe('the page of a protocol that says everything', () => {
  const page = protocolDoc(scribe);
  const row = (field: string, kind: string) =>
    page
      .slice(page.indexOf(`### ${kind}\n`))
      .split('\n')
      .find((line) => line.includes(`| \`${field}\``))
      ?.split('|')
      .map((cell) => cell.trim())
      .filter((cell) => cell !== '');

  it.each([
    ['post', 'name', ['1', '1 to 12, and `\\', '`', '`name`', 'any bytes, mostly text', 'who it is']],
    [
      'card',
      'size',
      [
        '0',
        'up to 4, and `:`',
        '`size`',
        'number in ASCII digits',
        'counts all bytes after it; 3000 at most',
      ],
    ],
    ['card', 'level', ['inside', '1', '`level`', 'number', 'how well it is known; 1 LOW, 9 HIGH']],
    ['note', 'tag', ['then', '1', '`tag`', 'number', '2 to 4; 2 RED, 3 BLUE']],
    ['note', 'text', ['then', 'as `count` says', '`text`', 'bytes']],
    ['silence', 'blank', ['0', 'as many control characters as there are', '`blank`', 'bytes']],
    ['news', 'report', ['then', 'up to 40, and a line feed', '`report`', 'any bytes, mostly text']],
  ] as const)('%s %s', (kind, field, cells) => expect(row(field, kind)).toEqual(cells));

  it('says what announces what, and what comes by UDP', () => {
    expect(page).toContain(
      'After each `parcel` (kind 3) come, before anything else, as many bytes as its `bytes` says: `parcel-data`.',
    );
    expect(page).toContain('In each datagram clients send [`ping`](#ping).');
    expect(page).toContain('After `pack` clients send [`card`](#card), [`note`](#note) or [`box`](#box).');
    expect(page).toContain('All that is none of the other kinds.');
    expect(ScribeKind.parcel).toBe(3);
  });
});

describe('docs/protocols/', () => {
  it('has a page for each protocol, one to begin with, and none that nobody makes', () => {
    const files = readdirSync(`${packageRoot()}docs/protocols`).map((file) => `docs/protocols/${file}`);
    const byHand = ['docs/protocols/tunnel.md'];
    expect(files.sort()).toEqual([...protocolDocs.map(({ file }) => file), ...byHand].sort());
    for (const { name } of [...protocols, ...payloadProtocols])
      expect(files).toContain(`docs/protocols/${name}.md`);
  });
});
