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

/** As in deploy/kubernetes: without a bound, a heap grows for as long as there is memory. */
const heapMiB = { api: 512, worker: 768 };

/** The real service in processes of its own, with the keys that a citizen's phone stands for. */
export interface Service extends Servers {
  readonly ring: KeyRing;
}

/** Builds it, starts it, and stops it whatever happens. `profile`: which process is to leave a profile, and where. */
export async function withService<Result>(
  work: (service: Service) => Promise<Result>,
  profile?: { part: Part; folder: string },
): Promise<Result> {
  const built = build();
  try {
    const servers = await startServers(built, { policy, heapMiB, ...(profile && { profile }) });
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
