import { z } from 'zod';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { countPresentation, findTicket } from './stored-ticket.ts';

/**
 * Counts one presentation of a certificate against its ticket, before the certificate listener reads or asks anything: an unknown
 * ticket is rejected before any verification, and a ticket costs five verifications at most, also at once.
 */
export const beginPresentation = route({
  method: 'post',
  path: '/certificate-tickets/:id/presentations',
  summary: 'Whether a certificate may be presented for a ticket; it counts',
  description: 'For the certificate listener. What came of it is told by `POST /certificate-presentations`.',
  tag: 'Certificates',
  caller: 'anyone',
  onlyFor: 'certificate-listener',
  replies: { 201: z.object({ expiresAt: instant }) },
  problems: ['certificate-visit-ended'],
  async handle({ params: { id = '' }, randomness }, { db, clock }) {
    if (!isTicketId(id)) return { problem: 'not-found' };
    const expiresAt = await countPresentation(
      db,
      { id, messageId: randomness.uuid('certificate-presentation') },
      new Date(clock.now()),
    );
    if (expiresAt) return { status: 201, body: { expiresAt: expiresAt.toISOString() } };
    return { problem: (await findTicket(db, { id })) ? 'certificate-visit-ended' : 'not-found' };
  },
});

const isTicketId = (text: string): boolean => /^[\w-]{22}$/.test(text);
