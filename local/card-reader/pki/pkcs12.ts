import type { KeyObject } from 'node:crypto';
import * as asn1js from 'asn1js';
import {
  Attribute,
  AuthenticatedSafe,
  CertBag,
  Certificate,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs';

/** AES-256 and HMAC-SHA-256, which OpenSSL 3, NSS, Windows and Node import alike. */
const protection = {
  contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
  hmacHashAlgorithm: 'SHA-256',
  iterationCount: 2048,
};

/** A key, its certificate and the chain as PKCS#12. @returns its DER. [RFC7292] */
export async function pkcs12(
  { privateKey, chain, label }: { privateKey: KeyObject; chain: readonly Uint8Array[]; label: string },
  password: string,
): Promise<Buffer> {
  // What ties the key to its certificate.
  const attributes = [
    new Attribute({ type: '1.2.840.113549.1.9.20', values: [new asn1js.BmpString({ value: label })] }),
    new Attribute({
      type: '1.2.840.113549.1.9.21',
      values: [new asn1js.OctetString({ valueHex: new Uint8Array([1]).buffer })],
    }),
  ];
  const secret = new TextEncoder().encode(password).buffer;
  const keyBag = new PKCS8ShroudedKeyBag({
    parsedValue: PrivateKeyInfo.fromBER(new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))),
  });
  await keyBag.makeInternalValues({ password: secret, ...protection });
  const certificateBags = chain.map(
    (der, index) =>
      new SafeBag({
        bagId: '1.2.840.113549.1.12.10.1.3',
        bagValue: new CertBag({ parsedValue: Certificate.fromBER(new Uint8Array(der)) }),
        ...(index === 0 && { bagAttributes: attributes }),
      }),
  );
  const keys = new SafeContents({
    safeBags: [
      new SafeBag({ bagId: '1.2.840.113549.1.12.10.1.2', bagValue: keyBag, bagAttributes: attributes }),
    ],
  });
  const authenticatedSafe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        // The key is in an encrypted bag of its own.
        { privacyMode: 0, value: keys },
        { privacyMode: 1, value: new SafeContents({ safeBags: certificateBags }) },
      ],
    },
  });
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, { password: secret, ...protection }] });
  const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
  await pfx.makeInternalValues({
    password: secret,
    iterations: 2048,
    pbkdf2HashAlgorithm: { name: 'SHA-256' },
    hmacHashAlgorithm: 'SHA-256',
  });
  return Buffer.from(pfx.toSchema().toBER());
}
