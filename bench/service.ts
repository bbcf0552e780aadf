import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../local/project-root.ts';
import { readServiceSettings } from '../platform/config.ts';
import { KeyRing } from '../platform/secrets.ts';
import { build } from '../test/faults/build.ts';
import type { Part } from '../test/faults/plan.ts';
import { type Servers, startServers } from '../test/faults/servers.ts';

const untold = { tries: 1_000_000, per: 'PT1M' };

/** Limits that one address would run into: counted like any others, and never reached. */
const policy = {
  startsPerIp: untold,
  requestsPerIp: untold,
  failedIdsPerIp: { tries: 1_000_000, per: 'P1D' },
  textsPerPhone: { tries: 1_000_000, per: 'P1D' },
  textsPerSecond: 1_000,
};

/** What a process is told in deploy/kubernetes about its memory: without a bound, a heap grows while there is any. */
function asDeployed(name: string): Record<string, string> {
  const file = join(projectRoot(), 'deploy', 'kubernetes', 'base', `${name}.yaml`);
  const deployment = parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document) => document.toJS() as Deployment)
    .find(({ kind }) => kind === 'Deployment');
  const env = deployment?.spec.template.spec.containers[0]?.env ?? [];
  return Object.fromEntries(
    ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'].map((wanted) => {
      const value = env.find((entry) => entry.name === wanted)?.value;
      if (value === undefined) throw new Error(`${file} does not say ${wanted}`);
      return [wanted, value];
    }),
  );
}

interface Deployment {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { env: readonly { name: string; value?: string }[] }[] };
    };
  };
}

/** The real service in processes of its own, with the keys that a citizen's phone stands for. */
export interface Service extends Servers {
  readonly ring: KeyRing;
}

/** Builds it, starts it, and stops it whatever happens. `profile`: which process is to leave a profile, and where. */
export async function withService<Result>(
  work: (service: Service) => Promise<Result>,
  profile?: { part: Part; folder: string },
): Promise<Result> {
  const environmentOf = { api: asDeployed('api'), worker: asDeployed('worker') };
  const built = build();
  // Whoever is interrupted leaves nothing running: what was started is ended when this process exits.
  const leave = () => process.exit(130);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, leave);
  process.once('exit', built.remove);
  try {
    const servers = await startServers(built, { policy, environmentOf, ...(profile && { profile }) });
    try {
      const { CLAVE_SECRET_KEY } = readServiceSettings(servers.environment);
      return await work({ ...servers, ring: new KeyRing(CLAVE_SECRET_KEY) });
    } finally {
      await servers.stop();
    }
  } finally {
    built.remove();
  }
}
