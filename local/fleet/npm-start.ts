import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { portNames } from '../launcher/settings.ts';
import { projectRoot } from '../project-root.ts';
import { LOOPBACK } from '../servers/ports.ts';

/** The whole service as `npm start` runs it, in a folder and on ports of its own. */
export interface NpmService {
  /** The API's origin, without `/api/v1`. */
  readonly url: string;
  readonly phoneUrl: string;
  readonly officeKey: string;
  stop(): Promise<void>;
}

/** The same with the key and address of the pages, and the card reader. */
export interface NpmServiceWithCards extends NpmService {
  readonly certificates: {
    readonly frontEndKey: string;
    readonly portalUrl: string;
    readonly cardReaderUrl: string;
  };
}

/** Runs `npm start` with a policy file. @throws Error if it is not ready within a minute */
export async function startWithNpm(policy: object): Promise<NpmServiceWithCards> {
  const folder = mkdtempSync(join(tmpdir(), 'clave-walk-'));
  const policyFile = join(folder, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(policy));
  const officeKey = randomBytes(24).toString('hex');
  const child = spawn(process.execPath, [join(projectRoot(), 'local', 'bootstrap.mjs'), 'start'], {
    cwd: projectRoot(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...Object.fromEntries(portNames.map((name) => [name, '0'])),
      CLAVE_DATA_DIR: folder,
      CLAVE_POLICY_FILE: policyFile,
      OFFICE_API_KEY: officeKey,
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const environment = join(folder, 'environment.json');
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
    if (!said.includes('is ready') || !existsSync(environment)) continue;
    const { PORT, PHONE_PORT, PORTAL_URL, CARD_READER_PORT, FRONT_END_KEY } = JSON.parse(
      readFileSync(environment, 'utf8'),
    ) as Record<string, string>;
    return {
      url: `http://${LOOPBACK}:${PORT}`,
      phoneUrl: `http://${LOOPBACK}:${PHONE_PORT}`,
      officeKey,
      certificates: {
        frontEndKey: FRONT_END_KEY ?? '',
        portalUrl: PORTAL_URL ?? '',
        cardReaderUrl: `http://${LOOPBACK}:${CARD_READER_PORT}`,
      },
      stop,
    };
  }
  await stop();
  throw new Error(`The service did not start:\n${said}`);
}
