/** A keyed digest (HMAC-SHA256, base64url) and the id of the key that made it. Opens nothing; may lie in a history. */
export interface Fingerprint {
  readonly keyId: string;
  readonly digest: string;
}

/** Whether what was entered, fingerprinted with every key of the ring, is what was kept under one of them. */
export const matchesFingerprint = (kept: Fingerprint, entered: readonly Fingerprint[]): boolean =>
  entered.some(({ keyId, digest }) => keyId === kept.keyId && digest === kept.digest);
