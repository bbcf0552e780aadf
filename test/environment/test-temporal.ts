import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startTemporal } from '../../local/servers/temporal-server.ts';
import { sharedServers } from './shared-servers.ts';

/** A namespace that no other service of the run works in, and the server that has it. */
export interface TestTemporal {
  /** host:port. */
  readonly address: string;
  readonly namespace: string;
  /** Stops the server if it is the test's own. */
  stop(): Promise<void>;
}

/** The namespaces of the run's Temporal server: given at its start, since later ones are known to it only after a while. */
export const namespaces: readonly string[] = Array.from({ length: 80 }, (_, index) => `test-${index + 1}`);

/** Takes a namespace of the run's Temporal server that no test file has had yet. @throws Error if all are taken */
export async function takeNamespace(): Promise<TestTemporal> {
  const { folder, temporalAddress } = sharedServers();
  for (const namespace of namespaces) {
    try {
      mkdirSync(path.join(folder, namespace)); // atomic between Jest's worker processes
    } catch {
      continue;
    }
    return { address: temporalAddress, namespace, stop: async () => {} };
  }
  throw new Error(`all ${namespaces.length} namespaces of the run are taken: raise their number`);
}

/** Starts a Temporal server for one test file. `dbFile`: where it keeps its data, in memory otherwise. */
export async function startOwnTemporal(dbFile: string | undefined): Promise<TestTemporal> {
  const server = await startTemporal({ port: 0, ...(dbFile && { dbFile }) });
  return { address: server.address, namespace: 'default', stop: () => server.stop() };
}
