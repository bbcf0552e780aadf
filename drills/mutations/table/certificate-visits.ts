import type { Mutation } from '../mutation.ts';

const tickets = 'test/certificates/tickets.test.ts';
const listener = 'test/certificates/listener.test.ts';
const header = 'certificates/listener/proxy-header.test.ts';

/** Promise 37. */
export const certificateVisitMutations: readonly Mutation[] = [
  {
    promise: '37',
    name: 'a-ticket-returns-to-any-address',
    file: 'api/certificates/issue-ticket.ts',
    before: 'if (!frontEnd || !returnUrls[frontEnd](settings).includes(returnUrl))',
    after: 'if (!frontEnd)',
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'a-ticket-for-anyone',
    file: 'api/certificates/issue-ticket.ts',
    before: "  onlyFor: 'front-end',",
    after: '',
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'a-code-is-redeemed-again',
    file: 'api/certificates/redeem-certificate.ts',
    before: ' AND "redeemedAt" IS NULL',
    after: '',
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'any-code-redeems',
    file: 'api/certificates/redeem-certificate.ts',
    before: '"ticketId" = $1 AND "codeDigest" = $2 AND "redeemedAt"',
    after: '"ticketId" = $1 AND $2::text IS NOT NULL AND "redeemedAt"',
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'a-code-never-expires',
    file: 'api/certificates/redeem-certificate.ts',
    before: '"codeExpiresAt" > $4 AND ',
    after: '',
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'the-token-of-another-ticket-redeems',
    file: 'api/http/authentication.ts',
    before: "return ticket.id === request.params['id'] ? { caller: ticket } : { problem: 'not-found' };",
    after: 'return { caller: ticket };',
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'a-ticket-takes-any-number-of-certificates',
    file: 'api/certificates/stored-ticket.ts',
    before: 'AND (presentations < ',
    after: 'AND (0 < ',
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'an-ended-ticket-is-verified-all-the-same',
    file: 'certificates/listener/visit.ts',
    before: 'if (status !== 201)',
    after: 'if (status === 404)',
    tests: [listener],
  },
  {
    promise: '37',
    name: 'a-ticket-is-accepted-again',
    file: 'api/certificates/stored-ticket.ts',
    before: '\'"acceptedAt" IS NULL AND ',
    after: "'",
    tests: [tickets],
  },
  {
    promise: '37',
    name: 'sessions-of-tls-are-resumed',
    file: 'certificates/listener/tls-server.ts',
    before: '    secureOptions: constants.SSL_OP_NO_TICKET,\n',
    after: '    secureOptions: constants.SSL_OP_ALL,\n',
    tests: [listener],
  },
  {
    promise: '37',
    name: 'a-header-is-believed-without-the-hop-key',
    file: 'certificates/listener/proxy-header.ts',
    before: "if (typeof given !== 'string' || !sameSecret(given, hopKey)) return [];",
    after: "if (given === '' && sameSecret(hopKey, '')) return [];",
    tests: [header],
  },
  {
    promise: '37',
    name: 'a-resumed-session-at-nginx-is-a-certificate',
    file: 'certificates/listener/proxy-header.ts',
    before: ' || isReused) return [];',
    after: ' || (isReused && verified === verified.toLowerCase())) return [];',
    tests: [header],
  },
];
