/** Tables of games: both forms, and how each mistake in them is told. */
import { mkdirSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  GAME_DB_BYTES_MAX,
  GAME_DB_ENTRIES_MAX,
  GAME_NAME_CHARACTERS_MAX,
  readGameDb,
} from '../../cli/game-db.ts';
import { Failure } from '../../common/failure.ts';
import { temporaryFile } from '../kit/capture-file.ts';

let file: string;
beforeEach(() => {
  file = temporaryFile();
});

function json(text: string): Promise<unknown> {
  writeFileSync(file, text);
  return readGameDb(file);
}

function sqlite(...statements: string[]): Promise<unknown> {
  const database = new Database(file);
  for (const statement of statements) database.exec(statement);
  database.close();
  return readGameDb(file);
}

async function expectRefused(reading: Promise<unknown>, line: string): Promise<void> {
  await expect(reading).rejects.toEqual(new Failure('input', 'bad-game-db', line));
}

describe('as JSON', () => {
  it('says which releases play together, and what games are called', async () => {
    writeFileSync(
      file,
      '{"crosslinks": {"ULES01213": "ULUS10391"}, "names": {"ULUS10391": "Monsters \\u00e9"}}',
    );
    const games = await readGameDb(file);
    expect(games.playsAs('ULES01213')).toBe('ULUS10391');
    expect(games.playsAs('NPJH50000')).toBe('NPJH50000');
    expect(games.name('ULES01213')).toBe('Monsters é');
    expect(games.releases('ULUS10391')).toEqual(['ULUS10391', 'ULES01213']);
  });

  it.each(['{}', '{"crosslinks": {}}', '\ufeff{"names": {"ULUS10391": "One"}}'])(
    'may lack a section: %j',
    async (text) => {
      await expect(json(text)).resolves.toBeDefined();
    },
  );

  const head = '{\n  "crosslinks": {\n    "ULES01213": "ULUS10391",\n';
  it.each([
    [
      'a link to a linked code',
      `${head}    "NPJH50000": "ULES01213"\n  }\n}`,
      4,
      /^"NPJH50000" is linked to ULES01213, which is itself linked to "ULUS10391"/,
    ],
    [
      'a code that is none',
      `${head}    "NPJH-5000": "ULUS10391"\n  }\n}`,
      4,
      /^"NPJH-5000" is no product code/,
    ],
    [
      'a link to a code that is none',
      `${head}    "NPJH50000": "ulus10391"\n  }\n}`,
      4,
      /^"NPJH50000" is linked to "ulus10391", which is no product code/,
    ],
    [
      'a link to itself',
      `${head}    "NPJH50000": "NPJH50000"\n  }\n}`,
      4,
      /^"NPJH50000" is linked to itself/,
    ],
    ['a link to a number', `${head}    "NPJH50000": 7\n  }\n}`, 4, /^"NPJH50000" is linked to 7/],
    [
      'a name that is none',
      '{"names": {\n\n"ULUS10391": null}}',
      3,
      /^"ULUS10391" has a name that is no text: null/,
    ],
    ['a name of a code that is none', '{"names": {\n"GAME": "One"}}', 2, /^"GAME" is no product code/],
    [
      'a name that is too long',
      `{"names": {\n"ULUS10391": "${'x'.repeat(GAME_NAME_CHARACTERS_MAX + 1)}"}}`,
      2,
      /^"ULUS10391" has a name of more than 128 characters/,
    ],
    [
      'a code that is there twice',
      `${head}    "ULES01213": "ULUS10391"\n  }\n}`,
      4,
      /^"ULES01213" is there twice: the first is on line 3$/,
    ],
    [
      'a section that there is not',
      `${head.replace(',\n', '\n')}},\n"name": {}}`,
      5,
      /^there is no section "name", only crosslinks and names$/,
    ],
    ['a section that is none', '{"names":\n[]}', 2, /^there should be '\{', and there is "\[\]\}"$/],
    ['a comma too many', `${head}  }\n}`, 4, /^there should be a text in "...", and there is "\}"$/],
    ['what is no JSON', 'ULES01213 = ULUS10391', 1, /^there should be '\{', and there is "ULES01213"$/],
    ['nothing', '', 1, /^there should be '\{', and there is the end$/],
  ])('is refused at its line for %s', async (_, text, line, why) => {
    const refused = await json(text).catch((error: unknown) => error as Failure);
    expect(refused).toBeInstanceOf(Failure);
    const { kind, message } = refused as Failure;
    expect(kind).toBe('input');
    expect(message.startsWith(`${file}:${line}: `), message).toBe(true);
    expect(message.slice(`${file}:${line}: `.length)).toMatch(why);
  });

  it('takes a name of the limit', async () => {
    await expect(
      json(`{"names": {"ULUS10391": "${'x'.repeat(GAME_NAME_CHARACTERS_MAX)}"}}`),
    ).resolves.toBeDefined();
  });

  it(`takes ${GAME_DB_ENTRIES_MAX} entries, and not one more`, async () => {
    const names = (count: number) =>
      JSON.stringify({
        names: Object.fromEntries(
          Array.from({ length: count }, (_, i) => [`GAME${String(i).padStart(5, '0')}`, '']),
        ),
      });
    await expect(json(names(GAME_DB_ENTRIES_MAX))).resolves.toBeDefined();
    await expectRefused(
      json(names(GAME_DB_ENTRIES_MAX + 1)),
      `${file} has more than ${GAME_DB_ENTRIES_MAX} entries, which is the most that is taken`,
    );
  });
});

describe('as the SQLite file of the original server', () => {
  const LINKS = 'CREATE TABLE crosslinks (id_from TEXT, id_to TEXT)';
  const NAMES = 'CREATE TABLE productids (id TEXT, name TEXT)';

  it('says the same', async () => {
    const games = await sqlite(
      LINKS,
      NAMES,
      "INSERT INTO crosslinks VALUES ('ULES01213', 'ULUS10391')",
      "INSERT INTO productids VALUES ('ULUS10391', 'Monsters')",
    );
    expect((games as Awaited<ReturnType<typeof readGameDb>>).name('ULES01213')).toBe('Monsters');
  });

  it.each([[[LINKS]], [[NAMES]], [[NAMES.replace('productids', 'ProductIDs')]]])(
    'may lack a table: %j',
    async (statements) => {
      await expect(sqlite(...statements)).resolves.toBeDefined();
    },
  );

  it.each([
    [
      'a link to a linked code',
      "INSERT INTO crosslinks VALUES ('ULES01213', 'ULUS10391'), ('NPJH50000', 'ULES01213')",
      'crosslinks, row 2: "NPJH50000" is linked to ULES01213, which is itself',
    ],
    [
      'a code that is none',
      "INSERT INTO productids VALUES ('ULUS10391', 'One'), ('two', 'Two')",
      'productids, row 2: "two" is no product code',
    ],
    [
      'a row without a code',
      "INSERT INTO productids VALUES (NULL, 'One')",
      'productids, row 1: "null" is no product code',
    ],
    [
      'a name that is none',
      "INSERT INTO productids VALUES ('ULUS10391', x'00')",
      'productids, row 1: "ULUS10391" has a name that is no text',
    ],
    [
      'a code that is there twice',
      "INSERT INTO crosslinks VALUES ('ULES01213', 'ULUS10391'), ('ULES01213', 'NPJH50000')",
      'crosslinks, row 2: "ULES01213" is there twice',
    ],
  ])('is refused at its row for %s', async (_, insert, line) => {
    await expect(sqlite(LINKS, NAMES, insert)).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringContaining(`${file}: ${line}`) as string,
    });
  });

  it('is refused where it is another database', async () => {
    await expectRefused(
      sqlite('CREATE TABLE x (y)'),
      `${file} has neither a table crosslinks nor a table productids`,
    );
    file = temporaryFile();
    await expect(sqlite('CREATE TABLE crosslinks (a, b)')).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringMatching(/^cannot read the game table .*no such column: id_from$/) as string,
    });
  });

  it('is refused where it is damaged', async () => {
    await expect(json(`SQLite format 3\0${'x'.repeat(5000)}`)).rejects.toMatchObject({
      kind: 'input',
      code: 'bad-game-db',
    });
  });

  it('is only read', async () => {
    await sqlite(LINKS);
    const database = new Database(file);
    const version = database.pragma('data_version');
    await readGameDb(file);
    expect(database.pragma('data_version')).toEqual(version);
    database.close();
  });

  it(`takes no more than ${GAME_DB_ENTRIES_MAX} entries`, async () => {
    const many = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${GAME_DB_ENTRIES_MAX + 10})
      INSERT INTO productids SELECT printf('GAME%05d', i), '' FROM n`;
    await expectRefused(
      sqlite(NAMES, many),
      `${file} has more than ${GAME_DB_ENTRIES_MAX} entries, which is the most that is taken`,
    );
  });
});

describe('a file', () => {
  it('that is not there is refused', async () => {
    await expectRefused(readGameDb(file), `cannot read the game table ${file}: there is no such file`);
  });

  it('that is a folder is refused', async () => {
    mkdirSync(file);
    await expectRefused(readGameDb(file), `cannot read the game table ${file}: it is no file`);
  });

  it('that is too large is not read', async () => {
    await expectRefused(
      json(`{}${' '.repeat(GAME_DB_BYTES_MAX - 1)}`),
      `${file} is too large for a game table (${GAME_DB_BYTES_MAX + 1} bytes; ${GAME_DB_BYTES_MAX} are the most that are read)`,
    );
    await expect(json(`{}${' '.repeat(GAME_DB_BYTES_MAX - 2)}`)).resolves.toBeDefined();
  });
});
