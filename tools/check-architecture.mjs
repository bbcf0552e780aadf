// The rules of CONTRIBUTING.md that a linter cannot express: `npm run check` runs this in the project's folder.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { callFindings, lengthFindings, sourceFindings } from './architecture/content.mjs';
import { circleFindings, importFindings } from './architecture/imports.mjs';
import { roomFindings } from './architecture/rooms.mjs';

const generated = ['prisma/generated/', 'client/schema.ts'];

const files = filesIn('.');
const text = (chosen) => new Map(chosen.map((file) => [file, readFileSync(file, 'utf8')]));
const sources = text(
  files.filter((file) => file.endsWith('.ts') && !generated.some((place) => file.startsWith(place))),
);
const documents = text(files.filter((file) => file.endsWith('.md')));

const findings = [
  ...roomFindings(files),
  ...importFindings(sources),
  ...circleFindings(sources),
  ...callFindings(sources),
  ...sourceFindings(sources, documents),
  ...lengthFindings(sources),
];
process.stdout.write(findings.map((line) => `${line}\n`).join(''));
process.stdout.write(`architecture: ${sources.size} files, ${findings.length} findings\n`);
process.exit(findings.length === 0 ? 0 : 1);

/** All files in folders of ours: not those beside the folders, nor what is fetched, built or hidden. */
function filesIn(root) {
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !/^\.|^(?:node_modules|dist)$/.test(entry.name),
  );
  return folders.flatMap(({ name }) =>
    readdirSync(path.join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .map((file) => file.split(path.sep).join('/')),
  );
}
