import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLocalSettings } from '../../platform/config.ts';
import { payloadEnvironment } from '../../test/environment/payload-key.ts';
import type { DemoPki } from '../card-reader/pki/demo-pki.ts';
import { type DataFolder, openDataFolder } from '../launcher/data-folder.ts';
import { openSecrets } from '../launcher/secrets-file.ts';
import { claimPorts, type Environment, portNames, setVariables } from '../launcher/settings.ts';
import { claimPort, LOOPBACK } from '../servers/ports.ts';
import type { Built } from './build.ts';
import { ChildRegistry } from './child-registry.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { noAddressLimits } from './no-address-limits.ts';
import type { ProcessName } from './process-names.ts';
import { type LaunchContext, type ServiceEnvironments, startProcesses } from './services.ts';

/** The addresses of a service, and the access with which a drill inspects it. */
export interface Addresses {
  readonly url: string;
  readonly phoneUrl: string;
  readonly temporalAddress: string;
  readonly officeKey: string;
  readonly ownerUrl: string;
  readonly logs: string;
  /** The pages, where they are started. */
  readonly pagesUrl?: string;
  /** The gateway and the demo administration, where they are started. */
  readonly gatewayUrl?: string;
  readonly demoUrl?: string;
  /** The card reader, where it and the certificate listener are started. */
  readonly cardReaderUrl?: string;
  /** The authorities of its cards. */
  readonly pki?: DemoPki | undefined;
  /** What the citizens' pages have: their key for the API, and the origin to which the listener sends browsers back. */
  readonly frontEnd: { readonly key: string; readonly url: string };
  /** An API under whose policy passwords expire after seconds, where there is one; no fault is injected into it. */
  readonly shortLifeUrl?: string;
}

/** The whole service as processes, each kept running by a supervisor. */
export interface IsolatedService extends Addresses {
  /** Temporal's database file. */
  readonly temporalFile: string;
  /** The settings with which another process of ours joins in. */
  readonly environment: Environment;
  pidOf(name: ProcessName | 'portal' | 'gateway' | 'certificates' | 'card-reader'): number;
  stop(): Promise<void>;
}

const noFrontEnds = { pages: false, gateway: false, certificates: false };

/** Limits that the load of a drill from one address would otherwise reach. None of them is tested by it. */
export const relaxedLimits = {
  otp: { tries: 3, life: 'PT10M', sends: 3, resendAfter: 'PT1S' },
  ...noAddressLimits,
  textsPerPhone: { tries: 100, per: 'P1D' },
  // A code whose process died is closed by the upkeep, for which the drills wait.
  upkeep: { every: 'PT20S' },
};
/** Life of a password that is set through `shortLifeUrl`. */
export const shortPasswordLifeMs = 2_000;

// As the launcher's, but that it never gives up: a drill kills the same process again and again.
const restartPolicy = { pauseMs: 250, maxDeaths: Number.POSITIVE_INFINITY, withinMs: 1 };

/** A launch in a folder and on ports of its own. `discard` kills what still runs and deletes the folder. */
export async function isolatedLaunch(
  built: Built,
  policy: object,
  options: FleetOptions = {},
): Promise<{ launch: LaunchContext & { readonly fleet: Fleet }; folder: DataFolder; discard(): void }> {
  const folder = openDataFolder(mkdtempSync(join(tmpdir(), 'clave-isolated-')));
  const env = setVariables({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ...Object.fromEntries(portNames.map((name) => [name, '0'])),
    ...payloadEnvironment,
    CLAVE_POLICY_FILE: policyFile(folder, 'policy', policy),
    OFFICE_API_KEY: randomBytes(24).toString('hex'),
  });
  const settings = readLocalSettings(env);
  const children = new ChildRegistry(folder.children);
  const discard = () => {
    children.killAll();
    process.off('exit', discard);
    rmSync(folder.path, { recursive: true, force: true });
  };
  process.once('exit', discard);
  const say = () => {};
  const fleet = new Fleet(folder, children, say, { builtFolder: built.folder, ...options });
  const ports = await claimPorts(settings);
  const secrets = openSecrets(folder.keys);
  return {
    launch: { env, settings, ports, secrets, folder, fleet, say, deliveryReports: false, ...noFrontEnds },
    folder,
    discard,
  };
}

/** What a drill needs to present certificates in the place of the pages. */
export const certificateAccess = ({
  portal,
  inForce,
  certificates,
}: ServiceEnvironments): Pick<Addresses, 'frontEnd' | 'pki'> => ({
  frontEnd: { key: portal['FRONT_END_KEY'] ?? '', url: inForce['PORTAL_URL'] ?? '' },
  pki: certificates?.pki,
});

/** Writes a policy file. @returns its path */
function policyFile({ path }: DataFolder, name: string, policy: object): string {
  const file = join(path, `${name}.json`);
  writeFileSync(file, JSON.stringify(policy));
  return file;
}

/**
 * Starts the whole service, compiled, in a folder and on ports of its own. `policy`: the content of its policy file.
 * `profile`: which process leaves a profile of its processor time, and in which folder. `environmentOf`: settings of a
 * process besides. `withGateway`: with the gateway and its demo administration. `withShortLife`: with an API at
 * `shortLifeUrl`. `deliveryReports`: the phone reports what it received. `withPages`: with the pages.
 * @throws LocalServerError, or Error if it does not get ready
 */
export async function startIsolatedService(
  built: Built,
  {
    policy = relaxedLimits,
    profile,
    environmentOf = {},
    withGateway = false,
    withShortLife = false,
    deliveryReports = false,
    withPages = false,
    withCertificates = false,
  }: {
    policy?: object;
    profile?: { part: ProcessName | 'gateway'; folder: string };
    environmentOf?: Readonly<Record<string, Environment>>;
    withGateway?: boolean;
    withShortLife?: boolean;
    deliveryReports?: boolean;
    withPages?: boolean;
    withCertificates?: boolean;
  } = {},
): Promise<IsolatedService> {
  const nodeOptionsOf = profile ? { [profile.part]: ['--cpu-prof', `--cpu-prof-dir=${profile.folder}`] } : {};
  const options = { restartPolicy, environmentOf, nodeOptionsOf };
  const isolated = await isolatedLaunch(built, policy, options);
  const { folder, discard } = isolated;
  const launch = {
    ...isolated.launch,
    deliveryReports,
    pages: withPages,
    gateway: withGateway,
    certificates: withCertificates,
  };
  const { fleet, ports } = launch;
  const stop = async () => {
    await fleet.stop();
    discard();
  };
  try {
    const environments = await startProcesses(launch, new AbortController().signal);
    const { shared, api, ownerUrl, temporalAddress } = environments;
    const at = (port: number) => `http://${LOOPBACK}:${port}`;
    const addresses = {
      url: at(ports.PORT),
      phoneUrl: at(ports.PHONE_PORT),
      temporalAddress,
      officeKey: api.OFFICE_API_KEY ?? '',
      ownerUrl,
      logs: folder.logs,
      ...certificateAccess(environments),
      ...(withPages && { pagesUrl: at(ports.PORTAL_PORT) }),
      ...(withGateway && {
        gatewayUrl: `http://localhost:${ports.GATEWAY_PORT}`,
        demoUrl: `http://localhost:${ports.DEMO_PORT}`,
      }),
      ...(withCertificates && { cardReaderUrl: at(ports.CARD_READER_PORT) }),
      ...(withShortLife && { shortLifeUrl: at(await startShortLifeApi(launch, api, policy)) }),
    };
    return {
      ...addresses,
      temporalFile: folder.temporalDb,
      environment: shared,
      pidOf: (name) => fleet.pidOf(name),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Another API on the same databases, under whose policy passwords expire after seconds. @returns its port */
async function startShortLifeApi(
  { fleet, folder }: LaunchContext,
  api: Environment,
  policy: object,
): Promise<number> {
  const port = await claimPort(0, 'a server', 'PORT');
  const shortLife = { ...policy, passwordLife: `PT${shortPasswordLifeMs / 1_000}S`, passwordReminders: [] };
  const CLAVE_POLICY_FILE = policyFile(folder, 'short-life', shortLife);
  await fleet.startNode('short-life', 'api/main.ts', { ...api, CLAVE_POLICY_FILE, PORT: String(port) });
  return port;
}
