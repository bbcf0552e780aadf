import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../local/project-root.ts';
import { waitUntilReady } from '../../local/servers/wait-until-ready.ts';
import { installPythonPackages, type PythonPackages } from '../python/python-packages.ts';
import { askedScope, type Registration, type RelyingSite, siteUrl } from './relying-site.ts';

const folder = join(projectRoot(), 'drills', 'gateway');
const requirements = join(folder, 'authlib.requirements.txt');

/** Installs Authlib's packages, or says why they cannot be had. */
export const installAuthlib = (): PythonPackages => installPythonPackages('authlib', requirements);

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
