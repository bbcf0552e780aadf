// After `npm ci --ignore-scripts`: runs the install scripts that package.json allows by name, and no other.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const fail = (line) => {
  process.stderr.write(`${line}\n`);
  process.exit(1);
};

const version = execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim();
// Older ones ignore `allowScripts`: everything else that is installed here would run what it likes.
if (Number(version.split('.')[0]) < 11) fail(`npm ${version} is too old: npm 11 or newer is needed.`);

const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const allowed = Object.entries(allowScripts)
  .filter(([name, isAllowed]) => isAllowed && existsSync(`node_modules/${name}`))
  .map(([name]) => name);
if (allowed.length > 0)
  execFileSync('npm', ['rebuild', '--ignore-scripts=false', ...allowed], { stdio: 'inherit' });
