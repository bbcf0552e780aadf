import { once } from 'node:events';
import { createServer } from 'node:http';
import { readCodecSettings } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { EncryptingCodec } from '../platform/payload-codec.ts';
import { runProcess } from '../platform/run-process.ts';
import { createCodecServer } from './codec-server/codec-server.ts';

/** `npm run codec-server`: decrypts payloads for the Temporal UI, on this machine only. */
await runProcess(async () => {
  const settings = readCodecSettings();
  const log = createLog('codec', settings.LOG_LEVEL);
  const codec = new EncryptingCodec(settings.CLAVE_PAYLOAD_KEY);
  const server = createServer(createCodecServer({ codec, origins: settings.CODEC_ORIGINS })).listen(
    settings.CODEC_PORT,
    '127.0.0.1',
  );
  await once(server, 'listening');
  log.info({ port: settings.CODEC_PORT }, 'listening');
  return {
    log,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
});
