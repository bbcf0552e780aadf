import { setMaxListeners } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { bearer, createApiClient, withTimeout } from '../client/client.ts';
import { ChildRegistry, stopOrphans } from './fleet/child-registry.ts';
import { Fleet } from './fleet/fleet.ts';
import { type LaunchContext, startProcesses } from './fleet/services.ts';
import { type DataFolder, openDataFolder } from './launcher/data-folder.ts';
import { type DemoCitizen, demoCitizen } from './launcher/demo-citizen.ts';
import { takeLock } from './launcher/launcher-lock.ts';
import { openSecrets } from './launcher/secrets-file.ts';
import {
  checkSettings,
  claimPorts,
  hasCertificates,
  hasDemo,
  hasGateway,
  setVariables,
} from './launcher/settings.ts';
import { stopRequests } from './launcher/stop-requests.ts';
import { welcome } from './launcher/welcome.ts';
import { LocalServerError } from './servers/local-server-error.ts';
import { LOOPBACK } from './servers/ports.ts';
import { stopOrphanedPostgres } from './servers/postgres-server.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

// Only with the embedded database and the simulated phone: no real citizens' data, no real SMS.
async function demonstration({
  settings,
  ports,
  secrets,
  env,
  folder,
}: LaunchContext): Promise<DemoCitizen | undefined> {
  if (settings.DATABASE_URL || settings.TWILIO_ACCOUNT_SID) return undefined;
  const officer = createApiClient({
    url: `http://${LOOPBACK}:${ports.PORT}`,
    headers: bearer(env.OFFICE_API_KEY ?? secrets.OFFICE_API_KEY),
    transport: withTimeout(10_000),
  });
  try {
    return await demoCitizen(officer, folder.keys);
  } catch (error) {
    say(`No citizen to try it with: ${(error as Error).message}`);
    return undefined;
  }
}

async function run(launch: LaunchContext, stopSignal: AbortSignal): Promise<void> {
  await startProcesses(launch, stopSignal);
  if (stopSignal.aborted) return;
  const { settings, ports, secrets, env, folder } = launch;
  const at = (port: number) => `http://${LOOPBACK}:${port}`;
  const where = {
    portal: `http://localhost:${ports.PORTAL_PORT}`,
    gateway: hasGateway(settings)
      ? `${env.GATEWAY_URL ?? `http://localhost:${ports.GATEWAY_PORT}`}/oidc`
      : undefined,
    demo: hasDemo(settings) ? `http://localhost:${ports.DEMO_PORT}` : undefined,
    api: at(ports.PORT),
    temporalUi: settings.TEMPORAL_ADDRESS ? undefined : at(ports.TEMPORAL_UI_PORT),
    cardReader: hasCertificates(settings, env) ? at(ports.CARD_READER_PORT) : undefined,
    certificates: hasCertificates(settings, env)
      ? (env.CERTIFICATE_URL ?? `https://identidad.localhost:${ports.CERTIFICATE_PORT}`)
      : undefined,
    phone: settings.TWILIO_ACCOUNT_SID ? undefined : at(ports.PHONE_PORT),
    officeKey: env.OFFICE_API_KEY ? undefined : secrets.OFFICE_API_KEY,
    logs: folder.logs,
  };
  process.stdout.write(welcome(where, await demonstration(launch)));
}

/** The last lines of a log, indented. */
const lastLines = (log: string): string => {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  return lines
    .slice(-10)
    .map((line) => `  ${line}`)
    .join('\n');
};

async function stopOrphanedProcesses(folder: DataFolder): Promise<void> {
  const left = await stopOrphans(folder.children);
  if (left.length > 0) say(`Stopped what a killed run had left: ${left.join(', ')}`);
  await stopOrphanedPostgres(folder.postgres);
}

/**
 * `npm start`: runs everything on this machine until it is asked to stop. @returns the exit code: 0 if asked to stop.
 * @throws SettingsError or LocalServerError, with nothing left running.
 */
export async function start(): Promise<number> {
  process.stdout.on('error', () => undefined); // the terminal may be closed while we still stop
  const env = setVariables(process.env);
  const settings = checkSettings(env);
  const folder = openDataFolder(settings.CLAVE_DATA_DIR);
  const unlock = takeLock(folder.lock);
  const children = new ChildRegistry(folder.children);
  const requests = stopRequests(() => process.exit(1));
  setMaxListeners(0, requests.stopSignal);
  process.once('exit', () => children.killAll()); // however this process ends, no child is left
  const fleet = new Fleet(folder, children, say);
  const stopRequested = new Promise<void>((resolve) =>
    requests.stopSignal.addEventListener('abort', () => resolve()),
  );
  try {
    await stopOrphanedProcesses(folder);
    const ports = await claimPorts(settings);
    say('Starting …');
    const launch = { env, settings, ports, secrets: openSecrets(folder.keys), folder, fleet, say };
    const failed = fleet.failed.then(({ line, log }) => {
      say(lastLines(log));
      throw new LocalServerError(line);
    });
    await Promise.race([
      stopRequested,
      failed,
      run(launch, requests.stopSignal).then(() => Promise.race([stopRequested, failed])),
    ]);
    return 0;
  } catch (error) {
    if (requests.stopSignal.aborted) return 0; // interrupted starts fail in many ways: none is an error
    throw error;
  } finally {
    if (requests.stopSignal.aborted) say('\nStopping …');
    await fleet.stop();
    rmSync(folder.environment, { force: true });
    unlock();
    requests.forget();
    if (requests.stopSignal.aborted) say('Stopped.');
  }
}
