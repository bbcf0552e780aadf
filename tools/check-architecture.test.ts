import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const check = path.resolve('tools/check-architecture.mjs');

/** What the check prints for a project that has these files and no others. */
function checked(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'clave-architecture-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    return spawnSync(process.execPath, [check], { cwd: root, encoding: 'utf8' }).stdout;
  } finally {
    rmSync(root, { recursive: true });
  }
}

const sources = '| [NIST] | SP 800-63B |\n';
const unknownKey = '[domain]';

test('accepts a project that keeps the rules', () => {
  const found = checked({
    'docs/sources.md': sources,
    'api/app.ts': "import { activation } from './permanente/activation.ts';\n",
    'api/permanente/activation.ts': "import type { Route } from '../http/route.ts';\n/** [NIST] 3.1 */\n",
    'api/http/route.ts': "import type { App } from '../app.ts';\nconst [first] = rows[at] as [first];\n",
    'portal/permanente/activation/activation.njk': '',
  });
  expect(found).toBe('architecture: 3 files, 0 findings\n');
});

test.each<[string, string, Record<string, string>]>([
  ['a top-level folder that is not declared', 'stuff/a.ts: in no room', { 'stuff/a.ts': '' }],
  ['a room that is not declared', 'api/stuff/a.ts: in no room', { 'api/stuff/a.ts': '' }],
  ['a flat file where rooms are asked for', 'api/a.ts: in no room', { 'api/a.ts': '' }],
  ['a folder called support', 'api/support: a folder with a name', { 'api/support/a.ts': '' }],
  [
    'a folder called common, however deep',
    'test/workflows/common: a folder with',
    { 'test/workflows/common/a.ts': '' },
  ],
  ['a file called helpers', 'worker/helpers.ts: a name', { 'worker/helpers.ts': '' }],
  [
    'an import of a layer above',
    'domain/a.ts: may not import platform/b.ts',
    { 'domain/a.ts': "import { b } from '../platform/b.ts';\n" },
  ],
  [
    'an import of values where only types may be imported',
    'workflows/a.ts: may not import activities/b.ts',
    { 'workflows/a.ts': "import { b, type C } from '../activities/b.ts';\n" },
  ],
  [
    'an import of a protocol by the pages',
    'gateway/flow/a.ts: may not import gateway/oidc/b.ts, of another system',
    { 'gateway/flow/a.ts': "import { b } from '../oidc/b.ts';\n" },
  ],
  [
    'an import of another system',
    'api/office/a.ts: may not import api/permanente/b.ts, of another system',
    { 'api/office/a.ts': "import type { B } from '../permanente/b.ts';\n" },
  ],
  [
    'a shared room that imports a system',
    'api/http/a.ts: may not import api/permanente/b.ts, of another system',
    { 'api/http/a.ts': "import '../permanente/b.ts';\n" },
  ],
  [
    'a citizen in the machinery of workflows',
    'workflows/runtime/a.ts: machinery may not import workflows/citizen.ts',
    { 'workflows/runtime/a.ts': "import type { Citizen } from '../citizen.ts';\n" },
  ],
  [
    'a page in the parts that front-ends share',
    'web/views/a.ts: may not import portal/pages.ts',
    { 'web/views/a.ts': "import { pages } from '../../portal/pages.ts';\n" },
  ],
  [
    'limits in a workflow',
    'workflows/a.ts: numbers come with the message',
    { 'workflows/a.ts': "import { limits } from '../domain/limits.ts';\n" },
  ],
  [
    'a circle of imports',
    'a circle of imports, worker/a.ts > worker/b.ts > worker/a.ts',
    {
      'worker/a.ts': "export { b } from './b.ts';\n",
      'worker/b.ts': "import {\n  a,\n} from './a.ts';\n",
    },
  ],
  [
    'a key without a source',
    `worker/a.ts: ${unknownKey} is not in docs/sources.md`,
    { 'worker/a.ts': `/** As ${unknownKey} 8 says. */\n` },
  ],
  ['a banned call', 'worker/a.ts: \\bMath', { 'worker/a.ts': 'const n = Math.random();\n' }],
  ['a file of over 300 lines', 'worker/a.ts: 302 lines', { 'worker/a.ts': '\n'.repeat(301) }],
])('refuses %s', (_what, finding, files) => {
  expect(checked({ 'docs/sources.md': sources, ...files })).toContain(finding);
});

test('takes imports of types for no circle', () => {
  const found = checked({
    'worker/a.ts': "import { b } from './b.ts';\n",
    'worker/b.ts': "import { type A } from './a.ts';\nimport type { C } from './a.ts';\n",
  });
  expect(found).toBe('architecture: 2 files, 0 findings\n');
});
