import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';

/** Algorithms with which the gateway signs, and relying parties do. `RS256` is what clients expect who say nothing. */
export const signingAlgorithms = ['RS256', 'PS256', 'ES256'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

const minRsaBits = 2_048;
const maxKeys = 10;
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** A public key, of which only what a verifier needs is kept. */
const publicKey = z
  .object({
    kty: z.enum(['RSA', 'EC'], 'must be RSA or EC'),
    kid: z.string().min(1).max(128).optional(),
    use: z.literal('sig', 'must be sig').optional(),
    alg: z.enum(signingAlgorithms, `must be ${signingAlgorithms.join(', ')}`).optional(),
    crv: z.literal('P-256', 'must be P-256').optional(),
    ...{ n: z.string().max(2_000).optional(), e: z.string().max(20).optional() },
    ...{ x: z.string().max(100).optional(), y: z.string().max(100).optional() },
  })
  .refine(isKey, `must be an RSA key of ${minRsaBits} bits or more, or an EC key on P-256`);

/** A key set of public keys: a private one in it is refused, since the file would have exposed it. */
export const publicKeySet = z
  .strictObject({ keys: z.array(z.unknown()).min(1, 'must hold a key').max(maxKeys) })
  .superRefine(({ keys }, context) => {
    if (keys.some((key) => key && typeof key === 'object' && secretMembers.some((name) => name in key)))
      context.addIssue({
        code: 'custom',
        message: 'holds a private key: it must be replaced, it is known now',
      });
  })
  .pipe(z.strictObject({ keys: z.array(publicKey) }))
  .refine(({ keys }) => {
    const ids = keys.map(({ kid }) => kid);
    return keys.length === 1 || (!ids.includes(undefined) && new Set(ids).size === ids.length);
  }, 'must name each of several keys by a kid of its own');

function isKey(jwk: object): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({
      key: jwk as JsonWebKey,
      format: 'jwk',
    });
    return asymmetricKeyType === 'ec' || (asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits;
  } catch {
    return false;
  }
}
