import { domainToASCII, domainToUnicode } from 'node:url';
import { latinLetters, latinMarks } from './latin-letters.ts';

// RFC 1035 2.3.4, in the form that goes over the wire.
const maxLabelLength = 63;
const maxDomainLength = 253;

/**
 * The ASCII form of a domain name (A-labels, lower case): one for every spelling of it, `España.es` and `xn--espaa-rta.es`
 * alike. Undefined if there is none. Source: UTS #46 as in the URL standard, which browsers apply to addresses too.
 */
export function asciiDomain(domain: string): string | undefined {
  const ascii = domainToASCII(domain);
  const isPossible =
    ascii !== '' &&
    ascii.length <= maxDomainLength &&
    ascii.split('.').every((label) => label !== '' && label.length <= maxLabelLength);
  return isPossible ? ascii : undefined;
}

const latin = new RegExp(`^[${latinLetters}${latinMarks}0-9.·-]*$`, 'u');

/**
 * The form of a domain name for people: as written, or in Unicode if it was written in A-labels. A name of another script
 * is shown in A-labels: neither the receipt nor a person who reads Latin letters could tell it from another.
 */
export function readableDomain(domain: string): string {
  const unicode = /(?:^|\.)xn--/i.test(domain) ? domainToUnicode(domain) || domain : domain;
  return latin.test(unicode) ? unicode : (asciiDomain(domain) ?? domain);
}
