// The rules of CONTRIBUTING.md that a linter has no word for: who may import whom, and what nobody may call.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folders = [
  'activities',
  'api',
  'bench',
  'client',
  'domain',
  'drills',
  'local',
  'operations',
  'platform',
  'portal',
  'prisma',
  'records',
  'test',
  'worker',
  'workflows',
];

/** Per folder: which project folders it may import from, and which it may only import types from. */
const mayImport = {
  domain: { from: [] },
  platform: { from: ['domain', 'locales', 'prisma'] },
  workflows: { from: ['domain'], types: ['activities'] },
  records: { from: ['domain', 'platform'] },
  activities: { from: ['domain', 'platform', 'records'] },
  worker: { from: ['activities', 'domain', 'platform'], types: ['workflows'] },
  api: { from: ['domain', 'platform', 'prisma', 'records', 'workflows'] },
  operations: { from: ['api', 'domain', 'local', 'platform', 'prisma', 'records', 'workflows'] },
  // A front-end like any other: what it knows of the service, it knows by HTTP.
  portal: { from: ['client', 'domain', 'platform', 'locales'] },
};

/** What stands for a defect wherever it appears, or within some folders, with the files that are the one right place for it. */
const banned = [
  { pattern: /\bMath\.random\b/, why: 'secrets come from a CSPRNG', except: ['.test.ts'] },
  { pattern: /\bjest\.(mock|unstable_mockModule|doMock)\b/, why: 'pass a narrower dependency', except: [] },
  {
    pattern: /\bprocess\.env\b/,
    why: 'settings are read in one place',
    except: ['platform/config.ts', 'bench/', 'drills/', 'local/', 'test/', 'prisma/'],
  },
  { pattern: /\buuid4\b/, why: 'seeded in workflows, so no secret', except: [] },
  { pattern: /as any\b|@ts-ignore|@ts-nocheck/, why: 'types are not argued away', except: [] },
  {
    // What can be written to, declared at the top level or on a class.
    pattern:
      /^(?:export )?(?:let|var)\b|^(?:export )?const [^=]*=\s*(?:new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\)|new Array\b|Object\.create\b|\[\]|\{\});?|^ +(?:private |public )?static (?!readonly)/m,
    why: 'all workflows of a thread share their modules: what one keeps there, others find',
    within: ['workflows/', 'domain/'],
    except: ['.test.ts', 'domain/permanente/common-passwords.ts'],
  },
  {
    pattern: /\bDateTime\.(?:fromObject|fromISO|local|now)\b|\bSettings\b/,
    why: "luxon remembers the zone's offset for the whole thread",
    within: ['workflows/', 'domain/'],
    except: ['.test.ts'],
  },
];

const generated = ['prisma/generated/', 'client/schema.ts'];

const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => path.posix.join(folder, name.toString().split(path.sep).join('/')))
    .filter((file) => file.endsWith('.ts') && !generated.some((place) => file.startsWith(place))),
);
const findings = files.flatMap((file) => [...imports(file), ...calls(file), ...length(file)]);
process.stdout.write(findings.map((line) => `${line}\n`).join(''));
process.stdout.write(`architecture: ${files.length} files, ${findings.length} findings\n`);
process.exit(findings.length === 0 ? 0 : 1);

function* imports(file) {
  const [folder] = file.split('/');
  const rule = mayImport[folder];
  if (!rule || file.endsWith('.test.ts')) return;
  for (const [, type, specifier] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'(\.[^']+)'/gms,
  )) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const [to] = target.split('/');
    if (to === folder || rule.from.includes(to)) {
      if (folder === 'workflows' && target === 'domain/limits.ts')
        yield `${file}: numbers come with the message, not from ${target}`;
      continue;
    }
    if (type && rule.types?.includes(to)) continue;
    yield `${file}: may not import ${target}`;
  }
}

function* calls(file) {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  for (const { pattern, why, within = [''], except } of banned)
    if (
      pattern.test(text) &&
      within.some((place) => file.startsWith(place)) &&
      !except.some((place) => file.startsWith(place) || file.endsWith(place))
    )
      yield `${file}: ${pattern.source} (${why})`;
}

/** A file holds one idea: at 300 lines it has stopped doing so. */
function* length(file) {
  const lines = readFileSync(file, 'utf8').split('\n').length;
  if (lines > 300) yield `${file}: ${lines} lines`;
}
