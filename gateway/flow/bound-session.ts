import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { isPasswordMeans } from '../../domain/assurance.ts';
import { inTime } from '../../web/forms/in-time.ts';
import type { Flow } from './flow.ts';

/**
 * Ends the session that this flow has (a certificate has none: its token expires), unless it is the one of `successor`, which a form that was sent twice opens once. Must
 * be called before what replaces it is kept: its token is in this browser only, and nobody could end it after that. While the
 * API is away, it ends by its idle limit.
 */
export async function endSession({ page, state: { session } }: Flow, successor?: string): Promise<void> {
  if (!session || !isPasswordMeans(session.means) || session.token === successor) return;
  const signedOut = page.api.DELETE('/sessions/current', { headers: bearer(session.token) });
  await inTime(resultOf(signedOut, page.language));
}
