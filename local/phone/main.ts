import { LocalServerError } from '../servers/local-server-error.ts';
import { runSimulation } from '../servers/run-simulation.ts';
import { startPhone } from './phone-server.ts';

/** The phone as a process of its own. PHONE_HOST is for containers, where loopback cannot be reached from outside. */
await runSimulation('phone', async (env) => {
  const {
    PHONE_PORT = '3001',
    PHONE_HOST,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
  } = env;
  if (!accountSid || !authToken)
    throw new LocalServerError('TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN: are required');
  if (!/^\d{1,5}$/.test(PHONE_PORT)) throw new LocalServerError('PHONE_PORT: must be a port number');
  return startPhone({
    port: Number(PHONE_PORT),
    accountSid,
    authToken,
    ...(PHONE_HOST ? { host: PHONE_HOST } : {}),
  });
});
