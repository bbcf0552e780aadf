import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  type Authority,
  authorityNames,
  newIssuer,
  newKey,
  newResponder,
  newRoot,
  newServerRoot,
} from './authorities.ts';
import { type DemoCard, newCards } from './cards.ts';
import { dnsName } from './certificate-names.ts';
import {
  certificatePolicies,
  endEntity,
  extendedKeyUsage,
  keyUsage,
  serverAuthentication,
  subjectAlternativeName,
} from './extensions.ts';
import { issueCertificate } from './issue-certificate.ts';

/** The issuers of the demo that have responders and lists. */
export const issuerIds = ['dnie', 'fnmt', 'fnmt-representation', 'accv'] as const;
export type IssuerId = (typeof issuerIds)[number];

export const isIssuerId = (text: string): text is IssuerId => (issuerIds as readonly string[]).includes(text);

/** One issuer: itself, its root, who answers for it, and the state of what it has issued. */
export interface DemoIssuer {
  readonly id: IssuerId;
  readonly root: Authority;
  readonly issuer: Authority;
  /** The issuer itself where it has delegated nothing. */
  readonly responder: Authority;
  /** Serial numbers (hexadecimal) that are revoked, in its list and, unless `listOnly`, in its answers. */
  readonly revoked: readonly { readonly serial: string; readonly listOnly: boolean }[];
}

/** A certificate with its key. */
export interface KeyAndCertificate {
  readonly certificate: Buffer;
  readonly privateKey: KeyObject;
}

/** Invented authorities and cards, in the shapes of the real ones. Nothing of it is accepted outside a demonstration. */
export interface DemoPki {
  readonly madeAt: Date;
  readonly issuers: Readonly<Record<IssuerId, DemoIssuer>>;
  readonly cards: readonly DemoCard[];
  /** Of the TLS listeners: `localhost` and `*.identidad.localhost`; with the root that browsers import. */
  readonly server: KeyAndCertificate & { readonly root: Authority };
  /** With which the service seals its documents. */
  readonly seal: KeyAndCertificate & { readonly root: Authority };
}

const year = 365 * 86_400_000;

/** Makes the demo PKI: some tenths of a second, most of them for the RSA keys of the DNIe cards. */
export function makeDemoPki(now: Date): DemoPki {
  const fnmtRoot = newRoot(authorityNames['fnmt-root'], now);
  const roots = {
    dnie: newRoot(authorityNames['dnie-root'], now),
    fnmt: fnmtRoot,
    'fnmt-representation': fnmtRoot,
    accv: newRoot(authorityNames['accv-root'], now),
  } as const;
  const authorities = Object.fromEntries(
    issuerIds.map((id) => [id, newIssuer(authorityNames[id], { root: roots[id], now })]),
  ) as Record<IssuerId, Authority>;
  const cards = newCards(authorities, now);
  const issuers = Object.fromEntries(
    issuerIds.map((id) => [id, issuerOf(id, { root: roots[id], issuer: authorities[id], cards, now })]),
  ) as Record<IssuerId, DemoIssuer>;
  const serverRoot = newServerRoot(now);
  const sealRoot = newRoot({ C: 'ES', O: 'DEMO', CN: 'DEMO seals' }, now);
  return {
    madeAt: now,
    issuers,
    cards,
    server: { ...newServerCertificate(serverRoot, now), root: serverRoot },
    seal: { ...newSealCertificate(sealRoot, now), root: sealRoot },
  };
}

function issuerOf(
  id: IssuerId,
  { root, issuer, cards, now }: { root: Authority; issuer: Authority; cards: readonly DemoCard[]; now: Date },
): DemoIssuer {
  const revoked = cards
    .filter((card) => card.issuer === id && card.revoked !== undefined)
    .map((card) => ({ serial: card.serial, listOnly: card.revoked === 'list' }));
  // ACCV's answers are signed by the issuer itself, those of others by a delegate: both must work.
  return { id, root, issuer, responder: id === 'accv' ? issuer : newResponder(issuer, now), revoked };
}

function newServerCertificate(root: Authority, now: Date): KeyAndCertificate {
  const privateKey = newKey();
  const names = ['localhost', 'identidad.localhost', '*.identidad.localhost'];
  const certificate = issueCertificate(root, {
    subject: { C: 'ES', O: 'DEMO', CN: 'identidad.localhost' },
    publicKey: createPublicKey(privateKey),
    notBefore: new Date(now.getTime() - 86_400_000),
    // Apple's and Chromium's limit for certificates of servers is 398 days; imported roots have 825.
    notAfter: new Date(now.getTime() + year),
    extensions: [
      endEntity(),
      keyUsage('digitalSignature'),
      extendedKeyUsage(serverAuthentication),
      subjectAlternativeName(...names.map(dnsName)),
    ],
  });
  return { privateKey, certificate };
}

function newSealCertificate(root: Authority, now: Date): KeyAndCertificate {
  const privateKey = newKey('rsa');
  const certificate = issueCertificate(root, {
    subject: {
      C: 'ES',
      O: 'DEMO',
      OU: 'SELLO ELECTRONICO',
      organizationIdentifier: 'VATES-S0000000A',
      CN: 'Cl@ve DEMO',
    },
    publicKey: createPublicKey(privateKey),
    notBefore: new Date(now.getTime() - 86_400_000),
    notAfter: new Date(now.getTime() + 3 * year),
    extensions: [
      endEntity(),
      keyUsage('digitalSignature', 'contentCommitment'),
      certificatePolicies('2.16.724.1.3.5.6.2'),
    ],
  });
  return { privateKey, certificate };
}
