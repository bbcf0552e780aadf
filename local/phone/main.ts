import { LocalServerError } from '../servers/local-server-error.ts';
import { startPhone } from './phone-server.ts';

/** The phone as a process of its own. PHONE_HOST is for containers, where loopback cannot be reached from outside. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const {
    PHONE_PORT = '3001',
    PHONE_HOST,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
  } = env;
  if (!accountSid || !authToken)
    throw new LocalServerError('TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN: are required');
  if (!/^\d{1,5}$/.test(PHONE_PORT)) throw new LocalServerError('PHONE_PORT: must be a port number');
  const phone = await startPhone({
    port: Number(PHONE_PORT),
    accountSid,
    authToken,
    ...(PHONE_HOST ? { host: PHONE_HOST } : {}),
  });
  process.stdout.write(`The phone is at ${phone.url}\n`);
  const stop = () => void phone.stop().finally(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop); // the launcher that started us is gone
}

main(process.env).catch((error: unknown) => {
  process.stderr.write(`${error instanceof LocalServerError ? error.message : String(error)}\n`);
  process.exit(1);
});
