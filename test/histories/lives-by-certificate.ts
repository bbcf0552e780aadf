import { certificateToken } from '../actors/certificate-holder.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { otherPassword } from '../actors/credentials.ts';
import { requestWithRetry } from '../actors/request.ts';
import type { Stack } from '../environment/stack.ts';

/** An active citizen who has sent this with a certificate. */
const afterSending =
  (path: string, body: object) =>
  async (stack: Stack): Promise<Citizen> => {
    const citizen = await activeCitizen(stack);
    const token = await certificateToken(stack, citizen.data);
    await requestWithRetry(stack, 'POST', path, { body, token });
    return citizen;
  };

/** What people do with a certificate instead of a password and an SMS code. */
export const livesByCertificate = {
  'password-by-certificate': afterSending('/password-changes', { newPassword: otherPassword }),
  'unsubscription-by-certificate': afterSending('/unsubscriptions', {}),
};
