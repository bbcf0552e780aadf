import { type CertificateProfile, certificateProfiles } from '../../domain/certificates/profiles.ts';
import type { CardId } from '../../local/card-reader/pki/cards.ts';
import type { DemoPki, IssuerId } from '../../local/card-reader/pki/demo-pki.ts';
import { currentCrl } from '../../local/card-reader/pki/revocation-answers.ts';
import { hostileCertificates } from '../../test/certificates/hostile-certificates.ts';

/** One chain for validators, all of it DER. `isValid`: what every validator must say. */
export interface PathCase {
  readonly name: string;
  readonly leaf: Buffer;
  readonly issuers: readonly Buffer[];
  readonly root: Buffer;
  readonly crl: Buffer;
  readonly policies: readonly string[];
  readonly isValid: boolean;
}

const cards: readonly [CardId, IssuerId, boolean][] = [
  ['dnie', 'dnie', true],
  ['old-dnie', 'dnie', true],
  ['fnmt', 'fnmt', true],
  ['accv', 'accv', true],
  ['somebody-else', 'dnie', true],
  ['expired', 'fnmt', false],
  ['not-yet-valid', 'fnmt', false],
  ['revoked', 'fnmt', false],
  ['revoked-in-list', 'fnmt', false],
];

/** Of the hostile certificates, those whose chain is wrong, not what they say. */
const hostileNames = [
  'a self-signed one',
  'an unknown issuer',
  'a forged issuer of the same name',
  'a wrong policy',
  'no policy',
  'an end-entity certificate as an issuer',
  'an authority below an issuer that may have none',
  'an unknown critical extension',
] as const;

const profileOf = {
  dnie: 'dnie',
  fnmt: 'fnmt-natural-person',
  accv: 'accv-citizen',
} as const satisfies Partial<Record<IssuerId, CertificateProfile>>;

/** The chains on which validators have to agree. */
export function pathCases(pki: DemoPki, now: Date): PathCase[] {
  const around = (id: keyof typeof profileOf) => {
    const issuer = pki.issuers[id];
    return {
      root: issuer.root.certificate,
      crl: currentCrl(issuer, { mode: 'ok', now, other: issuer }),
      policies: certificateProfiles[profileOf[id]].policies,
    };
  };
  const hostile = hostileCertificates(pki, now);
  return [
    ...cards.map(([id, issuer, isValid]): PathCase => {
      const card = pki.cards.find((one) => one.id === id);
      if (!card) throw new Error(`no card ${id}`);
      const issuers = [card.issuerCertificate];
      return {
        name: id,
        leaf: card.certificate,
        issuers,
        isValid,
        ...around(issuer as keyof typeof profileOf),
      };
    }),
    ...hostileNames.map((name): PathCase => {
      const [leaf = Buffer.alloc(0), ...sent] = hostile[name];
      // What was sent, and the true issuer: a validator may choose.
      const issuers = [...sent, pki.issuers.fnmt.issuer.certificate];
      return { name, leaf, issuers, isValid: false, ...around('fnmt') };
    }),
  ];
}
