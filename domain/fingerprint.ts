/** A keyed digest (HMAC-SHA256, base64url) and the id of the key that made it. It reveals nothing, so histories may hold it. */
export interface Fingerprint {
  readonly keyId: string;
  readonly digest: string;
}

/** Whether an entry, fingerprinted with every key of the ring, matches the stored fingerprint. */
export const matchesFingerprint = (kept: Fingerprint, entered: readonly Fingerprint[]): boolean =>
  entered.some(({ keyId, digest }) => keyId === kept.keyId && digest === kept.digest);
