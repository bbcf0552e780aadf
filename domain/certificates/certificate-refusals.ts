/** Why a presented certificate is refused: told to the citizen with what to do, audited, and counted. */
export const certificateRefusals = [
  /** None was sent, or the TLS session was a resumed one, which proves nothing. */
  'none-sent',
  /** Of no issuer or policy in the table of profiles. */
  'not-accepted',
  'bad-chain',
  'not-yet-valid',
  'expired',
  'revoked',
  /** Neither responder nor list gave an answer that can be relied on: a hard fail. */
  'revocation-unknown',
  /** Such as the signature certificate of the card. */
  'wrong-key-use',
  /** Of a legal person, or of somebody as its representative. */
  'not-a-natural-person',
  'pseudonym',
  /** Subject and alternative name name different people, or the national id has a wrong letter. */
  'data-disagree',
] as const;
export type CertificateRefusal = (typeof certificateRefusals)[number];
