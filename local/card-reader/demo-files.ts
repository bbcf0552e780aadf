import type { KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoPki } from './pki/demo-pki.ts';
import { certificatePem } from './pki/issue-certificate.ts';
import { demoTrustEntries } from './pki/trust-entries.ts';

/** The settings that name files of the demo. */
export interface DemoFiles extends Readonly<Record<string, string>> {
  readonly CERTIFICATE_TRUST_FILE: string;
  readonly CERTIFICATE_TLS_CERT: string;
  readonly CERTIFICATE_TLS_KEY: string;
  readonly SEAL_CERTIFICATE_FILE: string;
  readonly SEAL_KEY_FILE: string;
}

/** Writes what the listener and the API read of the demo PKI. `respondersUrl`: of the card reader. @returns the settings */
export function writeDemoFiles(folder: string, pki: DemoPki, respondersUrl: string): DemoFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const { server, seal } = pki;
  return {
    CERTIFICATE_TRUST_FILE: write('trust.json', JSON.stringify(demoTrustEntries(pki, respondersUrl))),
    CERTIFICATE_TLS_CERT: write('server.pem', certificatePem(server.certificate)),
    CERTIFICATE_TLS_KEY: write('server.key', keyPem(server.privateKey)),
    SEAL_CERTIFICATE_FILE: write(
      'seal.pem',
      certificatePem(seal.certificate) + certificatePem(seal.root.certificate),
    ),
    SEAL_KEY_FILE: write('seal.key', keyPem(seal.privateKey)),
  };
}

const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;
