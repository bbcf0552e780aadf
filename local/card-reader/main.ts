import { LocalServerError } from '../servers/local-server-error.ts';
import { startCardReader } from './card-reader-server.ts';
import { ensureDemoPki } from './pki/stored-pki.ts';

/** The card reader as a process of its own, with the responders of its cards' issuers. Never beside real citizens. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const { CARD_READER_PORT = '3006', CARD_READER_FOLDER, DATABASE_URL, NODE_ENV } = env;
  if (DATABASE_URL || NODE_ENV === 'production')
    throw new LocalServerError('The card reader is a simulation: it does not start beside real citizens');
  if (!CARD_READER_FOLDER) throw new LocalServerError('CARD_READER_FOLDER: is required');
  if (!/^\d{1,5}$/.test(CARD_READER_PORT))
    throw new LocalServerError('CARD_READER_PORT: must be a port number');
  const reader = await startCardReader({
    port: Number(CARD_READER_PORT),
    pki: await ensureDemoPki(CARD_READER_FOLDER),
  });
  process.stdout.write(`The card reader is at ${reader.url}\n`);
  const stop = () => void reader.stop().finally(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop); // the launcher that started us is gone
}

main(process.env).catch((error: unknown) => {
  process.stderr.write(`${error instanceof LocalServerError ? error.message : String(error)}\n`);
  process.exit(1);
});
