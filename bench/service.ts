import { join } from 'node:path';
import { build } from '../local/fleet/build.ts';
import { exitOnSignals } from '../local/fleet/exit-on-signals.ts';
import { type Servers, startServers } from '../local/fleet/isolated-service.ts';
import type { ProcessName } from '../local/fleet/process-names.ts';
import { projectRoot } from '../local/project-root.ts';
import { readServiceSettings } from '../platform/config.ts';
import { KeyRing } from '../platform/secrets.ts';
import { asDeployment, settingsOfNode } from '../test/deploy/hardening.ts';
import { manifestsIn } from '../test/deploy/kubernetes.ts';
import { noAddressLimits } from '../test/environment/no-limits.ts';

const policy = {
  ...noAddressLimits,
  textsPerPhone: { tries: 1_000_000, per: 'P1D' },
  textsPerSecond: 1_000,
};

/** What Node is told in deploy/kubernetes about memory: without a bound, a heap grows for as long as there is any. */
function asDeployed(name: string): Record<string, string> {
  const file = join(projectRoot(), 'deploy', 'kubernetes', 'base', `${name}.yaml`);
  const { spec } = asDeployment(manifestsIn(file).find(({ kind }) => kind === 'Deployment'));
  const told = spec.template.spec.containers[0].env.filter(({ name: each }) => settingsOfNode.includes(each));
  if (told.length < settingsOfNode.length)
    throw new Error(`${file} does not say ${settingsOfNode.join(' and ')}`);
  return Object.fromEntries(told.map(({ name: each, value = '' }) => [each, value]));
}

/** The real service in processes of its own, with the keys that a citizen's phone stands for. */
export interface Service extends Servers {
  readonly ring: KeyRing;
  /** The environment of a process that stands beside one of these: the same settings, and as much room. */
  beside(part: 'api' | 'worker'): Readonly<Record<string, string>>;
}

/** Builds it, starts it, and stops it whatever happens. `profile`: which process is to leave a profile, and where. */
export async function withService<Result>(
  work: (service: Service) => Promise<Result>,
  profile?: { part: ProcessName; folder: string },
): Promise<Result> {
  exitOnSignals();
  const environmentOf = { api: asDeployed('api'), worker: asDeployed('worker') };
  const built = build();
  try {
    const servers = await startServers(built, { policy, environmentOf, ...(profile && { profile }) });
    try {
      const { CLAVE_SECRET_KEY } = readServiceSettings(servers.environment);
      return await work({
        ...{ ...servers, ring: new KeyRing(CLAVE_SECRET_KEY) },
        beside: (part) => ({ ...servers.environment, ...environmentOf[part] }),
      });
    } finally {
      await servers.stop();
    }
  } finally {
    built.remove();
  }
}
