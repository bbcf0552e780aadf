import { z } from 'zod';
import { writeReceipt } from '../certificates/act-receipts.ts';
import { route } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

/** Reads the receipt of an act that was done with a certificate, for an hour, by the Bearer that did the act. [R15] 1.2 */
export const readReceipt = route({
  method: 'get',
  path: '/receipts/:id',
  summary: 'Read the receipt of an act done with a certificate',
  description: 'A sealed PDF (PAdES), tagged for screen readers. For an hour.',
  tag: 'Certificates',
  caller: 'receipt',
  produces: 'application/pdf',
  replies: {
    200: z.custom<Buffer>(Buffer.isBuffer).meta({ override: { type: 'string', format: 'binary' } }),
  },
  problems: [],
  async handle({ caller }, { clock, ring, sealKey, settings }) {
    if (!sealKey) throw new Unavailable();
    const now = new Date(clock.now());
    const receipt = await writeReceipt(caller, { ring, sealKey, portalUrl: settings.PORTAL_URL, now });
    return { status: 200, body: receipt };
  },
});
