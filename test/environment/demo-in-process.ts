import { partyFrom } from '../../domain/gateway/party-file.ts';
import { startDemo } from '../../local/demo-administration/demo-server.ts';
import { demoParty } from '../../local/demo-administration/party.ts';
import { claimPort } from '../../local/servers/ports.ts';
import { addParty } from '../../operations/relying-party/registry.ts';
import { openDatabase } from '../../platform/database.ts';
import type { GatewayInProcess } from './gateway-in-process.ts';
import type { Stack } from './stack.ts';

/** The demo administration beside a gateway. */
export interface DemoInProcess {
  readonly url: string;
  readonly party: { readonly id: string };
  stop(): Promise<void>;
}

/** Starts it, registered as the operator's command does it. */
export async function startDemoInProcess(
  stack: Pick<Stack, 'database'>,
  gateway: Pick<GatewayInProcess, 'url'>,
): Promise<DemoInProcess> {
  const port = await claimPort(0, 'the demo administration', 'DEMO_PORT');
  const read = partyFrom(demoParty(`http://localhost:${port}`), { loopbackPermitted: true });
  if (!('party' in read)) throw new Error(read.problems.join());
  const owner = openDatabase(stack.database.ownerUrl, { connections: 1 });
  const { clientId, clientSecret = '' } = await addParty(owner.prisma, read.party);
  await owner.close();
  const demo = await startDemo({ port, issuer: `${gateway.url}/oidc`, clientId, clientSecret });
  return { ...demo, party: { id: clientId } };
}
