import { LocalServerError } from '../servers/local-server-error.ts';
import { startDemo } from './demo-server.ts';

/** The demo administration as a process of its own: what any relying party has, its id, its secret and the issuer. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const { DEMO_PORT = '3005', DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, GATEWAY_URL } = env;
  if (!DEMO_CLIENT_ID || !DEMO_CLIENT_SECRET || !GATEWAY_URL)
    throw new LocalServerError('DEMO_CLIENT_ID, DEMO_CLIENT_SECRET and GATEWAY_URL: are required');
  const demo = await startDemo({
    port: Number(DEMO_PORT),
    issuer: `${GATEWAY_URL}/oidc`,
    clientId: DEMO_CLIENT_ID,
    clientSecret: DEMO_CLIENT_SECRET,
  });
  process.stdout.write(`The demo administration is at ${demo.url}\n`);
  const stop = () => void demo.stop().finally(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop); // the launcher that started us is gone
}

main(process.env).catch((error: unknown) => {
  process.stderr.write(`${error instanceof LocalServerError ? error.message : String(error)}\n`);
  process.exit(1);
});
