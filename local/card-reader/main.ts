import { LocalServerError } from '../servers/local-server-error.ts';
import { runSimulation } from '../servers/run-simulation.ts';
import { startCardReader } from './card-reader-server.ts';
import { ensureDemoPki } from './pki/stored-pki.ts';

/** The card reader as a process of its own, with the responders of its cards' issuers. Never beside real citizens. */
await runSimulation('card reader', async (env) => {
  const { CARD_READER_PORT = '3006', CARD_READER_FOLDER, DATABASE_URL, NODE_ENV } = env;
  if (DATABASE_URL || NODE_ENV === 'production')
    throw new LocalServerError('The card reader is a simulation: it does not start beside real citizens');
  if (!CARD_READER_FOLDER) throw new LocalServerError('CARD_READER_FOLDER: is required');
  if (!/^\d{1,5}$/.test(CARD_READER_PORT))
    throw new LocalServerError('CARD_READER_PORT: must be a port number');
  return startCardReader({
    port: Number(CARD_READER_PORT),
    pki: await ensureDemoPki(CARD_READER_FOLDER),
  });
});
