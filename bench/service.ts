import { join } from 'node:path';
import { build } from '../local/fleet/build.ts';
import { exitOnSignals } from '../local/fleet/exit-on-signals.ts';
import { type IsolatedService, startIsolatedService } from '../local/fleet/isolated-service.ts';
import { noAddressLimits } from '../local/fleet/no-address-limits.ts';
import type { ProcessName } from '../local/fleet/process-names.ts';
import { projectRoot } from '../local/project-root.ts';
import { readServiceSettings } from '../platform/config.ts';
import { KeyRing } from '../platform/secrets.ts';
import { asDeployment, settingsOfNode } from '../test/deploy/hardening.ts';
import { manifestsIn } from '../test/deploy/kubernetes.ts';

const policy = {
  ...noAddressLimits,
  textsPerPhone: { tries: 1_000_000, per: 'P1D' },
  textsPerSecond: 1_000,
};

/** Node's memory settings from deploy/kubernetes: without a bound, a heap grows as long as the machine has memory. */
function asDeployed(name: string): Record<string, string> {
  const file = join(projectRoot(), 'deploy', 'kubernetes', 'base', `${name}.yaml`);
  const { spec } = asDeployment(manifestsIn(file).find(({ kind }) => kind === 'Deployment'));
  const settings = spec.template.spec.containers[0].env.filter(({ name: each }) =>
    settingsOfNode.includes(each),
  );
  if (settings.length < settingsOfNode.length)
    throw new Error(`${file} does not say ${settingsOfNode.join(' and ')}`);
  return Object.fromEntries(settings.map(({ name: each, value = '' }) => [each, value]));
}

/** The real service in processes of its own, with the key ring from which SMS codes are derived instead of read. */
export interface Service extends IsolatedService {
  readonly ring: KeyRing;
  /** The environment of a baseline that stands in for one of these: the same settings, the same memory bounds. */
  beside(part: 'api' | 'worker' | 'gateway'): Readonly<Record<string, string>>;
}

/**
 * Builds and starts the service for `work`, and stops it. `profile`: the process that leaves a profile, and its folder.
 * `withGateway`: with the gateway, which believes the address that its client forwards.
 */
export async function withService<Result>(
  work: (service: Service) => Promise<Result>,
  profile?: { part: ProcessName | 'gateway'; folder: string },
  { withGateway = false }: { withGateway?: boolean } = {},
): Promise<Result> {
  exitOnSignals();
  const gateway = { ...asDeployed('gateway'), TRUST_PROXY: '1' };
  const environmentOf = { api: asDeployed('api'), worker: asDeployed('worker'), gateway };
  const built = build();
  try {
    const servers = await startIsolatedService(built, {
      policy,
      environmentOf,
      deliveryReports: true,
      withGateway,
      ...(profile && { profile }),
    });
    try {
      const { CLAVE_SECRET_KEY } = readServiceSettings(servers.environment);
      return await work({
        ...servers,
        ring: new KeyRing(CLAVE_SECRET_KEY),
        beside: (part) => ({ ...servers.environment, ...environmentOf[part] }),
      });
    } finally {
      await servers.stop();
    }
  } finally {
    built.remove();
  }
}
