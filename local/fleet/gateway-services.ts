import { join } from 'node:path';
import { z } from 'zod';
import { demoParty } from '../demo-administration/party.ts';
import { readPrivateJson, writePrivateJson } from '../launcher/private-file.ts';
import { type Environment, hasDemo, hasGateway, setVariables } from '../launcher/settings.ts';
import { LocalServerError } from '../servers/local-server-error.ts';
import { LOOPBACK } from '../servers/ports.ts';
import { waitUntilReady } from '../servers/wait-until-ready.ts';
import type { LaunchContext } from './services.ts';

const credentialsSchema = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
type Credentials = z.infer<typeof credentialsSchema>;

const readyWithinMs = 60_000;

/** What the gateway takes from the environment of whoever starts it, besides what is made for it. */
const givenNames = ['PATH', 'HOME', 'LOG_LEVEL', 'TRUST_PROXY', 'METRICS_KEY', 'GATEWAY_SIMULATOR'];

/**
 * The gateway: it gets the API's address, a database role that sees no citizen, and keys of its own. `settings`: those in force
 * for all processes.
 */
export async function startGateway(
  { env, settings, ports, fleet, folder }: LaunchContext,
  inForce: Environment,
  stop: AbortSignal,
): Promise<void> {
  if (!hasGateway(settings)) return;
  const given = Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => givenNames.includes(name) || name.startsWith('OTEL_') || name.startsWith('PORTAL_CONTACT_'),
    ),
  );
  const {
    GATEWAY_DATABASE_URL,
    GATEWAY_KEY,
    GATEWAY_SECRET_KEY,
    GATEWAY_URL,
    PORTAL_URL,
    CERTIFICATE_URL,
    API_URL,
    LISTEN_HOST,
  } = inForce;
  const own = setVariables({
    ...{
      GATEWAY_DATABASE_URL,
      GATEWAY_KEY,
      GATEWAY_SECRET_KEY,
      GATEWAY_URL,
      PORTAL_URL,
      CERTIFICATE_URL,
      API_URL,
      LISTEN_HOST,
    },
    GATEWAY_PORT: String(ports.GATEWAY_PORT),
  });
  await fleet.startNode('gateway', 'gateway/main.ts', { ...given, ...own });
  await untilReady(`http://${LOOPBACK}:${ports.GATEWAY_PORT}/readyz`, 'The gateway', folder.logs, stop);
}

/** The demo administration, registered by the operator's own command. It gets what any relying party has, and nothing else. */
export async function startDemo(
  launch: LaunchContext,
  inForce: Environment,
  stop: AbortSignal,
): Promise<void> {
  const { env, settings, ports, fleet, folder } = launch;
  if (!hasDemo(settings)) return;
  const { clientId, clientSecret } = await registerDemo(launch, inForce);
  const { PATH = '', HOME = '' } = env;
  await fleet.startNode('demo', 'local/demo-administration/main.ts', {
    ...{ PATH, HOME, DEMO_PORT: String(ports.DEMO_PORT), GATEWAY_URL: inForce['GATEWAY_URL'] ?? '' },
    ...{ DEMO_CLIENT_ID: clientId, DEMO_CLIENT_SECRET: clientSecret },
  });
  await untilReady(`http://${LOOPBACK}:${ports.DEMO_PORT}/`, 'The demo administration', folder.logs, stop);
}

async function untilReady(url: string, what: string, logs: string, stop: AbortSignal): Promise<void> {
  if (!(await waitUntilReady(url, readyWithinMs, stop)) && !stop.aborted)
    throw new LocalServerError(`${what} did not get ready within a minute; logs: ${logs}`);
}

/** Its ports may be others at each start, so that its addresses are registered anew; id and secret stay. */
async function registerDemo(
  { env, ports, fleet, folder }: LaunchContext,
  inForce: Environment,
): Promise<Credentials> {
  const file = join(folder.keys, 'demo-administration.json');
  const partyFile = join(folder.path, 'demo-administration.json');
  writePrivateJson(partyFile, demoParty(`http://localhost:${ports.DEMO_PORT}`));
  const { PATH = '', HOME = '' } = env;
  const { DATABASE_URL = '', DATABASE_OWNER_URL = '', GATEWAY_URL = '' } = inForce;
  const own = { PATH, HOME, DATABASE_URL, DATABASE_OWNER_URL, GATEWAY_URL };
  const command = (...args: string[]) =>
    fleet.runToExit('relying-party', 'operations/relying-party.ts', own, {
      args: [...args, '--file', partyFile],
      // Its output is a secret.
      isLogged: false,
    });
  const kept = readPrivateJson(file, credentialsSchema);
  if (kept && (await command('change', kept.clientId)).code === 0) return kept;
  const { code, output } = await command('add');
  if (code !== 0)
    throw new LocalServerError(`The demo administration cannot be registered: ${output.split('\n')[0]}`);
  const made = credentialsSchema.parse(JSON.parse(output.slice(output.indexOf('{'))));
  writePrivateJson(file, made);
  return made;
}
