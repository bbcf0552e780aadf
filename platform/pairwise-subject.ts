import { createHmac } from 'node:crypto';

/**
 * The subject under which the relying parties of one sector know a citizen: HMAC-SHA-256, base64url, of sector and canonical
 * national id under a key that never changes. Without the key it can neither be computed nor joined with that of another
 * sector ([OIDC-Core] 8.1). The parts are length-prefixed, so that no sector ends where a national id begins.
 */
export function pairwiseSubject(
  key: Buffer,
  { sector, nationalId }: { readonly sector: string; readonly nationalId: string },
): string {
  const hmac = createHmac('sha256', key);
  for (const part of [sector, nationalId]) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
  return hmac.digest('base64url');
}
