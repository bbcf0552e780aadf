import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SealKey } from './cades-signature.ts';
import { SettingsError } from './config.ts';

/**
 * Reads the seal from SEAL_CERTIFICATE_FILE (PEM: the certificate, then those of its issuers) and SEAL_KEY_FILE (PEM, not
 * encrypted); undefined if neither is set. @throws SettingsError, without a word of the key
 */
export function readSealKey({
  SEAL_CERTIFICATE_FILE,
  SEAL_KEY_FILE,
}: {
  readonly SEAL_CERTIFICATE_FILE?: string | undefined;
  readonly SEAL_KEY_FILE?: string | undefined;
}): SealKey | undefined {
  if (!SEAL_CERTIFICATE_FILE && !SEAL_KEY_FILE) return undefined;
  if (!SEAL_CERTIFICATE_FILE || !SEAL_KEY_FILE)
    throw new SettingsError(['SEAL_CERTIFICATE_FILE: goes with SEAL_KEY_FILE']);
  const [certificate, ...issuers] = certificatesIn(readFileSync(SEAL_CERTIFICATE_FILE, 'utf8'));
  if (!certificate) throw new SettingsError(['SEAL_CERTIFICATE_FILE: must hold certificates in PEM']);
  const privateKey = privateKeyIn(readFileSync(SEAL_KEY_FILE, 'utf8'));
  if (!privateKey) throw new SettingsError(['SEAL_KEY_FILE: must hold a private key in PEM, RSA or EC']);
  if (!new X509Certificate(certificate).checkPrivateKey(privateKey))
    throw new SettingsError(['SEAL_KEY_FILE: is not the key of SEAL_CERTIFICATE_FILE']);
  return { certificates: [certificate, ...issuers], privateKey };
}

function certificatesIn(text: string): Buffer[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block).raw);
  } catch {
    return [];
  }
}

function privateKeyIn(text: string) {
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ec' ? key : undefined;
  } catch {
    return undefined;
  }
}
