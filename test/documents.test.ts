import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy/README.md', ...markdownIn('docs')];

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name.toString()))
    .filter((file) => file.endsWith('.md'));
}

describe.each(documents)('%s', (document) => {
  test('links to files that are there', () => {
    const links = [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)];
    const missing = links
      .map(([, target = '']) => path.join(path.dirname(document), decodeURIComponent(target)))
      .filter((file) => !existsSync(file));
    expect(missing).toEqual([]);
  });

  test('links to headings that are there', () => {
    const links = [
      ...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)/g),
    ];
    const missing = links.filter(([, target = '', anchor = '']) => {
      const file = target ? path.join(path.dirname(document), target) : document;
      return file.endsWith('.md') && !anchorsOf(file).includes(anchor);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});

/** The anchors that GitHub gives to the headings of a document. */
const anchorsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(documents.filter((document) => /^docs\/adr\/\d/.test(document)))('%s', (document) => {
  test('has the format of a decision, and its line in the list', () => {
    const text = readFileSync(document, 'utf8');
    const [, number, status, date] =
      /^# (\d{4}) .+\n\nStatus: (Accepted|Superseded by \d{4})\\\nDate: (\d{4}-\d\d-\d\d)\n\n/.exec(text) ??
      [];
    expect(readFileSync('docs/adr/README.md', 'utf8')).toMatch(
      new RegExp(
        `^\\| \\[${number}\\]\\(${path.basename(document)}\\) \\| .+ \\| ${status} \\| ${date} \\|$`,
        'm',
      ),
    );
    const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections.filter((title) => title !== 'Consequences')).toEqual([
      'Decision',
      'Why',
      'What was refused',
      'What would change our mind',
    ]);
  });
});

describe('docs/security.md', () => {
  const lines = readFileSync('docs/security.md', 'utf8').split('\n');
  const rows = lines.filter((line) => /^\| \d/.test(line));

  test('has every line of what must hold', () => {
    const numbers = rows.map((row) => row.split('|')[1]?.trim());
    const expected = Array.from({ length: 35 }, (_, index) => String(index + 1));
    expected.splice(21, 0, '21a');
    expected.splice(20, 0, '20a', '20b');
    expected.splice(12, 0, '12a', '12b', '12c');
    expected.push('36', '37', '38', '44', '44a', '44b', '44c', '46', '47', '47a', '47b', '47c');
    expect(numbers).toEqual(expected);
  });

  test('names tests that are there', () => {
    for (const row of rows) {
      const named = [...row.matchAll(/\]\(\.\.\/([^)]+)\): “([^”]+)”/g)];
      expect([row, named.length > 0]).toEqual([row, true]);
      for (const [, file = '', title = ''] of named)
        expect([file, title, readFileSync(file, 'utf8').includes(title)]).toEqual([file, title, true]);
    }
  });
});
