import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../local/project-root.ts';
import { waitUntilReady } from '../../local/servers/wait-until-ready.ts';
import { askedScope, type Registration, type RelyingSite, siteUrl } from './relying-site.ts';

const folder = join(projectRoot(), 'drills', 'gateway');
const requirements = join(folder, 'authlib.requirements.txt');

/** Authlib's packages, or why they cannot be had. */
export type Packages = { readonly path: string } | { readonly missing: string };

const outputOf = (args: readonly string[]): string => {
  const { status, stdout, stderr, error } = spawnSync('python3', args, { encoding: 'utf8' });
  if (error) throw new Error('python3 is not installed');
  if (status !== 0) throw new Error(stderr.split('\n').findLast((line) => /error/i.test(line)) ?? stderr);
  return stdout.trim();
};

/** Installs Authlib's packages into `.cache`, each checked against its pinned hash, unless they are there already. */
export function installAuthlib(): Packages {
  const cache = join(projectRoot(), '.cache');
  try {
    const python = outputOf(['-c', 'import sys; print(sys.implementation.cache_tag)']);
    const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
    const path = join(cache, `authlib-${python}-${process.arch}-${digest}`);
    if (existsSync(path)) return { path };
    mkdirSync(cache, { recursive: true });
    const unfinished = mkdtempSync(join(cache, 'fetching-'));
    try {
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
      const pinned = ['--only-binary', ':all:', '--require-hashes', '-r', requirements];
      outputOf([...pip, ...pinned, '--target', join(unfinished, 'packages')]);
      renameSync(join(unfinished, 'packages'), path);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    return { path };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}

/** A relying party on Authlib and Flask, as a process. @throws Error with what it said if it does not get ready */
export async function startAuthlibSite(path: string, registration: Registration): Promise<RelyingSite> {
  const url = siteUrl(registration);
  const child = spawn('python3', [join(folder, 'authlib_site.py')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...{ PATH: process.env['PATH'], PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '*' },
      // The gateway of a drill is at http://localhost.
      AUTHLIB_INSECURE_TRANSPORT: '1',
      ...{ PORT: String(registration.port), ISSUER: registration.issuer, SCOPE: askedScope },
      ...{ CLIENT_ID: registration.clientId, CLIENT_SECRET: registration.clientSecret },
    },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit');
  const stop = async () => {
    kill();
    await ended;
    process.off('exit', kill);
  };
  if (!(await waitUntilReady(`${url}/ready`, 30_000, AbortSignal.timeout(30_000)))) {
    await stop();
    throw new Error(`the site on Authlib did not get ready:\n${said}`);
  }
  return { url, stop };
}
