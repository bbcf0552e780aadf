import { LocalServerError } from '../servers/local-server-error.ts';
import { runSimulation } from '../servers/run-simulation.ts';
import { startDemo } from './demo-server.ts';

/** The demo administration as a process of its own: what any relying party has, its id, its secret and the issuer. */
await runSimulation('demo administration', async (env) => {
  const { DEMO_PORT = '3005', DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, GATEWAY_URL } = env;
  if (!DEMO_CLIENT_ID || !DEMO_CLIENT_SECRET || !GATEWAY_URL)
    throw new LocalServerError('DEMO_CLIENT_ID, DEMO_CLIENT_SECRET and GATEWAY_URL: are required');
  return startDemo({
    port: Number(DEMO_PORT),
    issuer: `${GATEWAY_URL}/oidc`,
    clientId: DEMO_CLIENT_ID,
    clientSecret: DEMO_CLIENT_SECRET,
  });
});
