import { createPrivateKey, webcrypto } from 'node:crypto';
import { Integer, PrintableString } from 'asn1js';
import { AttributeTypeAndValue, Certificate, CryptoEngine, setEngine, Time } from 'pkijs';
import type { SealKey } from '../../platform/cades-signature.ts';

let made: Promise<SealKey> | undefined;

/** The seal of the services of this process. */
export const testSealKey = (): Promise<SealKey> => (made ??= newSealKey());

/** An EC key and a certificate that it signs itself. */
async function newSealKey(): Promise<SealKey> {
  setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto as never }));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = new Certificate({ version: 2, serialNumber: new Integer({ value: 1 }) });
  for (const name of [certificate.subject, certificate.issuer])
    name.typesAndValues.push(
      new AttributeTypeAndValue({ type: '2.5.4.3', value: new PrintableString({ value: 'Test seal' }) }),
    );
  certificate.notBefore = new Time({ value: new Date(Date.now() - 86_400_000) });
  certificate.notAfter = new Time({ value: new Date(Date.now() + 86_400_000) });
  await certificate.subjectPublicKeyInfo.importKey(publicKey as never);
  await certificate.sign(privateKey as never, 'SHA-256');
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  return {
    certificates: [Buffer.from(certificate.toSchema(true).toBER())],
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
  };
}
