import type { RawTransaction } from '../../platform/database.ts';
import {
  releaseCertificateIdentification,
  reserveCertificateIdentification,
  type StoredCertificateIdentification,
  spendCertificate,
} from '../../records/certificate-identifications.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Reply, RequestContext } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

/** The message for which a request reserves its certificate: the same for its repetition. */
export const certificateMessageId = ({
  randomness,
}: Pick<RequestContext<unknown, unknown>, 'randomness'>): string => randomness.uuid('certificate');

/**
 * Does the one piece of work that a certificate token opens. It is reserved for this message before the work: of several at
 * once one gets it, the others 401. A refusal or a failure gives it back, unless the work had its effect all the same
 * (`spendCertificate`); a repetition under the Idempotency-Key is the same message.
 */
export async function useCertificate(
  context: Pick<RequestContext<unknown, unknown>, 'randomness' | 'requestId'>,
  { id }: StoredCertificateIdentification,
  { db }: Pick<ApiDependencies, 'db'>,
  work: () => Promise<Reply>,
): Promise<Reply> {
  const messageId = certificateMessageId(context);
  const { requestId } = context;
  if (!(await reserveCertificateIdentification(db, id, { messageId, requestId })))
    return { problem: 'not-authenticated' };
  const release = () => releaseCertificateIdentification(db, id, messageId);
  try {
    const reply = await work();
    if ('problem' in reply) await release();
    return reply;
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Marks the certificate as spent, in the transaction of the effect.
 * @throws Unavailable if another attempt of this request has given it back, and another call reserved it since
 */
export async function spendReserved(
  tx: Pick<RawTransaction, 'query'>,
  context: Pick<RequestContext<unknown, unknown>, 'randomness'>,
  id: string,
  at: Date,
): Promise<void> {
  const { rowCount } = await tx.query(spendCertificate(id, certificateMessageId(context), at));
  if (rowCount === 0) throw new Unavailable();
}
