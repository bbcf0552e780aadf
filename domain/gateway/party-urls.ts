import { z } from 'zod';

/** Where the gateway runs decides which addresses a relying party may have. */
export interface PartyRules {
  /** Whether addresses by http are accepted, to loopback only. Never where the gateway itself is on https. */
  readonly loopbackPermitted: boolean;
}

const maxLength = 2_000;

/**
 * Why an address may not be a relying party's, or undefined. It is compared character by character later ([RFC9700] 4.1.3):
 * so it must be written as browsers write it, and must contain nothing that one party reads as a pattern.
 */
function refusalOf(text: string, { loopbackPermitted }: PartyRules): string | undefined {
  if (text.length > maxLength) return `must have at most ${maxLength} characters`;
  if (!URL.canParse(text)) return 'must be an absolute address, as https://example.org/back';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https:// address';
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must be an https:// address: http is for the own machine only';
  if (url.protocol === 'http:' && !loopbackPermitted)
    return 'must be an https:// address: this gateway is on https';
  if (url.username || url.password) return 'must contain no user and no password';
  if (text.includes('#')) return 'must have no fragment (#)';
  if (text.includes('*')) return 'must have no wildcard (*): every address is named';
  // A browser adds the slash of an address that is an origin only; what is compared is what is registered.
  const asWritten = url.pathname === '/' && !text.endsWith('/') ? `${text}/` : text;
  if (asWritten !== url.href)
    return 'must be written as browsers write it: host in lower case, no default port, no dot segments, percent-encoded';
  return undefined;
}

/** [RFC8252] 7.3 and 8.3: also by the name of localhost. */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** The schema of one address. */
export const partyUrl = (rules: PartyRules) =>
  z.string().superRefine((text, context) => {
    const message = refusalOf(text, rules);
    if (message) context.addIssue({ code: 'custom', message });
  });
