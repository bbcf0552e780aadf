import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { dnsName, type NameAttributes } from './certificate-names.ts';
import type { Der } from './der.ts';
import {
  anyPolicy,
  authority,
  certificatePolicies,
  endEntity,
  extendedKeyUsage,
  keyUsage,
  ocspNoCheck,
  ocspSigning,
  permittedNames,
} from './extensions.ts';
import { issueCertificate, type Signer } from './issue-certificate.ts';

/** A certificate, its key and the name that it certifies: what an issuer needs. */
export interface Authority extends Signer {
  readonly certificate: Buffer;
}

const day = 86_400_000;
const year = 365 * day;

/** A new key: of the curve P-256, or RSA with 2048 bits as the DNIe has. */
export const newKey = (kind: 'ec' | 'rsa' = 'ec'): KeyObject =>
  kind === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** A root of ten years, begun five years ago, so that also what has expired was issued in its time. */
export function newRoot(name: NameAttributes, now: Date, ...extensions: readonly Der[]): Authority {
  return newAuthority(name, { now, extensions: [authority(), ...extensions] });
}

/** An authority that issues to persons, below a root. */
export function newIssuer(
  name: NameAttributes,
  { root, now, extensions = [] }: { root: Signer; now: Date; extensions?: readonly Der[] },
): Authority {
  return newAuthority(name, {
    now,
    root,
    extensions: [authority(0), certificatePolicies(anyPolicy), ...extensions],
  });
}

/** An authority with the basic constraints that its extensions say. */
export function newAuthority(
  name: NameAttributes,
  { root, now, extensions }: { root?: Signer; now: Date; extensions: readonly Der[] },
): Authority {
  const privateKey = newKey();
  const signer: Signer = { name, privateKey };
  const certificate = issueCertificate(root ?? signer, {
    subject: name,
    publicKey: createPublicKey(privateKey),
    notBefore: new Date(now.getTime() - 5 * year),
    notAfter: new Date(now.getTime() + 10 * year),
    extensions: [keyUsage('keyCertSign', 'cRLSign'), ...extensions],
  });
  return { ...signer, certificate };
}

/** A responder to which an issuer has delegated its answers. */
export function newResponder(issuer: Authority, now: Date): Authority {
  const privateKey = newKey();
  const name = { C: 'ES', O: 'DEMO', CN: `OCSP ${issuer.name.CN}` };
  const certificate = issueCertificate(issuer, {
    subject: name,
    publicKey: createPublicKey(privateKey),
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + 5 * year),
    extensions: [endEntity(), keyUsage('digitalSignature'), extendedKeyUsage(ocspSigning), ocspNoCheck()],
  });
  return { name, privateKey, certificate };
}

/** A root that certifies servers of this machine and no other: whoever imports it risks nothing. */
export const newServerRoot = (now: Date): Authority =>
  newRoot({ C: 'ES', O: 'DEMO', CN: 'DEMO servers of localhost' }, now, permittedNames(dnsName('localhost')));

const policeNames = { C: 'ES', O: 'DIRECCION GENERAL DE LA POLICIA (DEMO)', OU: 'DNIE' };
const mintNames = { C: 'ES', O: 'FNMT-RCM (DEMO)' };
const accvNames = { C: 'ES', O: 'ACCV (DEMO)' };

/** The names of the authorities. */
export const authorityNames = {
  'dnie-root': { ...policeNames, CN: 'AC RAIZ DNIE' },
  dnie: { ...policeNames, CN: 'AC DNIE 004' },
  'fnmt-root': { ...mintNames, OU: 'AC RAIZ FNMT-RCM' },
  fnmt: { ...mintNames, OU: 'Ceres', CN: 'AC FNMT Usuarios' },
  'fnmt-representation': { ...mintNames, OU: 'CERES', CN: 'AC Representación' },
  'accv-root': { ...accvNames, OU: 'PKIACCV', CN: 'ACCVRAIZ1' },
  accv: { ...accvNames, OU: 'PKIACCV', CN: 'ACCVCA-120' },
} as const satisfies Record<string, NameAttributes>;
