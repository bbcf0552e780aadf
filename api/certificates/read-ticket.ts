import { z } from 'zod';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { findTicket, isOpen } from './stored-ticket.ts';

/** Whether a ticket is open: the certificate listener asks before it verifies anything, so that strangers cost it nothing. */
export const readTicket = route({
  method: 'get',
  path: '/certificate-tickets/:id',
  summary: 'Whether a certificate may be presented for a ticket',
  description: 'For the certificate listener.',
  tag: 'Certificates',
  caller: 'anyone',
  onlyFor: 'certificate-listener',
  replies: { 200: z.object({ expiresAt: instant }) },
  problems: ['certificate-visit-ended'],
  async handle({ params: { id = '' } }, { db, clock }) {
    const ticket = isTicketId(id) ? await findTicket(db, { id }) : undefined;
    if (!ticket) return { problem: 'not-found' };
    if (!isOpen(ticket, clock.now())) return { problem: 'certificate-visit-ended' };
    return { status: 200, body: { expiresAt: ticket.expiresAt.toISOString() } };
  },
});

const isTicketId = (text: string): boolean => /^[\w-]{22}$/.test(text);
