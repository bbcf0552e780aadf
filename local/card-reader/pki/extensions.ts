import {
  boolean,
  type Der,
  element,
  explicit,
  implicit,
  integer,
  namedBits,
  octets,
  oid,
  sequence,
} from './der.ts';

/** The extensions that demo certificates have. [RFC5280] 4.2.1 */

const extension = (id: string, value: Der, isCritical = false): Der =>
  sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(value));

const keyUsageBits = {
  digitalSignature: 0,
  contentCommitment: 1,
  keyEncipherment: 2,
  keyCertSign: 5,
  cRLSign: 6,
} as const;
export type KeyUsage = keyof typeof keyUsageBits;

export const keyUsage = (...usages: readonly KeyUsage[]): Der =>
  extension('2.5.29.15', namedBits(usages.map((usage) => keyUsageBits[usage])), true);

/** Of an authority, with how many more may follow below it. */
export const authority = (pathLength?: number): Der =>
  extension(
    '2.5.29.19',
    sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    true,
  );

/** Of what may issue nothing. */
export const endEntity = (): Der => extension('2.5.29.19', sequence(), true);

export const clientAuthentication = '1.3.6.1.5.5.7.3.2';
export const serverAuthentication = '1.3.6.1.5.5.7.3.1';
export const emailProtection = '1.3.6.1.5.5.7.3.4';
export const ocspSigning = '1.3.6.1.5.5.7.3.9';

export const extendedKeyUsage = (...purposes: readonly string[]): Der =>
  extension('2.5.29.37', sequence(...purposes.map(oid)));

/** A delegated responder that need not be asked about itself. [RFC6960] 4.2.2.2.1 */
export const ocspNoCheck = (): Der => extension('1.3.6.1.5.5.7.48.1.5', element(0x05));

export const anyPolicy = '2.5.29.32.0';
export const certificatePolicies = (...policies: readonly string[]): Der =>
  extension('2.5.29.32', sequence(...policies.map((policy) => sequence(oid(policy)))));

export const subjectAlternativeName = (...names: readonly Der[]): Der =>
  extension('2.5.29.17', sequence(...names));

/** Names below which alone an authority may issue. */
export const permittedNames = (...names: readonly Der[]): Der =>
  extension('2.5.29.30', sequence(explicit(0, ...names.map((name) => sequence(name)))), true);

export const subjectKeyIdentifier = (identifier: Uint8Array): Der =>
  extension('2.5.29.14', octets(identifier));

export const authorityKeyIdentifier = (identifier: Uint8Array): Der =>
  extension('2.5.29.35', sequence(implicit(0, identifier)));

export const crlNumber = (number: number): Der => extension('2.5.29.20', integer(number));

/** Of nobody's definition, and critical: who does not know it must refuse. */
export const unknownCritical = (): Der => extension('1.3.6.1.4.1.99999.1', element(0x05), true);
