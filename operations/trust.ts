import { parseArgs } from 'node:util';
import { fetchBounded } from '../certificates/revocation/fetch-bounded.ts';
import { add, show, TrustError, type TrustOptions } from './trust/commands.ts';

const usage = `usage:
  npm run trust -- show --file trust.json
  npm run trust -- add --file trust.json --profile dnie --root root.pem --issuer issuer.pem --ocsp <url> --crl <url>
Shows fingerprints and policies, and asks every responder and list once. add writes only with
  --accept <SHA-256 fingerprint of the root, as its authority publishes it>
  --responder responder.pem   the one certificate that signs the answers of --ocsp
  --sample certificate.pem    a certificate of the issuer, to ask about
  --local                     addresses of this machine, which no service for citizens accepts
The file: docs/operations.md.
`;

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;

/** `npm run trust`: reviews which issuers of certificates are trusted. @returns the exit code */
async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ file: text, profile: text, root: text, issuer: text, responder: text, sample: text, accept: text },
      ...{ ocsp: texts, crl: texts, local: { type: 'boolean' } },
    },
  });
  const command = { show, add }[positionals.join(' ')];
  if (!command || !values.file) {
    process.stderr.write(usage);
    return 2;
  }
  process.stdout.write(`${JSON.stringify(await command(values as TrustOptions, fetchBounded), null, 2)}\n`);
  return 0;
}

function linesOf(error: unknown): readonly string[] {
  if (error instanceof TrustError) return error.lines;
  if (error instanceof SyntaxError) return ['--file: is not JSON'];
  const { code, message } = error as NodeJS.ErrnoException;
  return code?.startsWith('ERR_PARSE_ARGS') ? [message, ...usage.trimEnd().split('\n')] : [message];
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${linesOf(error).join('\n')}\n`);
  process.exitCode = 1;
}
