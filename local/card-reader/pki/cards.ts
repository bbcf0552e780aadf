import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Authority, newKey } from './authorities.ts';
import { certificateKinds } from './certificate-kinds.ts';
import type { IssuerId } from './demo-pki.ts';
import { type Holder, lucia, petra, vicent } from './holders.ts';
import { issueCertificate, newSerial } from './issue-certificate.ts';

/** A card of the demo: a certificate, its chain, its key and its PIN. */
export interface DemoCard {
  readonly id: CardId;
  readonly holder: Holder;
  readonly issuer: IssuerId;
  readonly certificate: Buffer;
  /** Of its issuer, which a card sends along. */
  readonly issuerCertificate: Buffer;
  readonly privateKey: KeyObject;
  readonly serial: string;
  readonly pin: string;
  /** It signs with PKCS#1 v1.5 only, as cards before 2015: it sends nothing by TLS 1.3. */
  readonly isOld: boolean;
  /** `answer`: OCSP and list say so; `list`: the responder does not know it, and the list says so. */
  readonly revoked?: 'answer' | 'list';
}

/** What a card is made from. */
export interface CardRecipe {
  readonly holder: Holder;
  readonly kind: keyof typeof certificateKinds;
  readonly issuer: IssuerId;
  /** Years from now; two years from yesterday if not said. */
  readonly validFrom?: number;
  readonly validUntil?: number;
  readonly revoked?: 'answer' | 'list';
  readonly isOld?: boolean;
}

/** Who holds what. DNIe, old DNIe and FNMT are one person's, so that one can renew what another registered. */
const recipes = {
  dnie: { holder: lucia, kind: 'dnie', issuer: 'dnie' },
  'old-dnie': { holder: lucia, kind: 'dnie', issuer: 'dnie', isOld: true },
  fnmt: { holder: lucia, kind: 'fnmt', issuer: 'fnmt' },
  accv: { holder: vicent, kind: 'accv', issuer: 'accv' },
  representative: { holder: lucia, kind: 'representative', issuer: 'fnmt-representation' },
  expired: { holder: lucia, kind: 'fnmt', issuer: 'fnmt', validFrom: -4, validUntil: -0.01 },
  'not-yet-valid': { holder: lucia, kind: 'fnmt', issuer: 'fnmt', validFrom: 3, validUntil: 7 },
  revoked: { holder: lucia, kind: 'fnmt', issuer: 'fnmt', revoked: 'answer' },
  'revoked-in-list': { holder: lucia, kind: 'fnmt', issuer: 'fnmt', revoked: 'list' },
  'somebody-else': { holder: petra, kind: 'dnie', issuer: 'dnie' },
} as const satisfies Record<string, CardRecipe>;

export type CardId = keyof typeof recipes;
export const cardIds = Object.keys(recipes) as CardId[];

/** The PIN of every card of the demo. */
export const demoPin = '1234';

const year = 365 * 86_400_000;

/** Issues every card. */
export const newCards = (issuers: Readonly<Record<IssuerId, Authority>>, now: Date): DemoCard[] =>
  cardIds.map((id) => newCard(id, recipes[id], issuers[recipes[id].issuer], now));

/** Issues one card. `id`: the card of the demo whose id it carries. */
export function newCard(id: CardId, recipe: CardRecipe, authority: Authority, now: Date): DemoCard {
  const { holder, kind, issuer, validFrom = -0.003, validUntil = 2, isOld = false, revoked } = recipe;
  const privateKey = newKey(kind === 'dnie' ? 'rsa' : 'ec');
  const serial = newSerial();
  const certificate = issueCertificate(authority, {
    ...certificateKinds[kind](holder),
    publicKey: createPublicKey(privateKey),
    notBefore: new Date(now.getTime() + validFrom * year),
    notAfter: new Date(now.getTime() + validUntil * year),
    serial,
  });
  return {
    ...{ id, holder, issuer, certificate, privateKey, isOld, pin: demoPin },
    issuerCertificate: authority.certificate,
    serial: serial.toString('hex'),
    ...(revoked && { revoked }),
  };
}
