import { type Citizen, password } from './citizens.ts';
import type { Service } from './service.ts';

/** Asks the API as the gateway does. @throws Error for any other answer than the expected one */
export async function askApi(
  { url, environment }: Service,
  method: 'GET' | 'POST',
  path: string,
  { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {},
): Promise<{ readonly session: { readonly token: string }; readonly identificationId: string }> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...{ 'Content-Type': 'application/json', 'X-Gateway-Key': environment['GATEWAY_KEY'] ?? '' },
      ...{ ...(body && { 'Idempotency-Key': crypto.randomUUID() }), ...headers },
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json() as ReturnType<typeof askApi>;
}

/**
 * What the gateway asks of the API for a flow by password, and no more: a bound session, and the identification. @returns its id
 */
export async function signInFor(
  service: Service,
  relyingParty: string,
  { nationalId }: Citizen,
): Promise<string> {
  const { session } = await askApi(service, 'POST', '/sessions', {
    body: { nationalId, password, assurance: 'basic', relyingParty },
  });
  const { identificationId } = await askApi(service, 'POST', '/identifications', {
    body: { relyingParty, floor: 'low' },
    headers: { Authorization: `Bearer ${session.token}` },
  });
  return identificationId;
}
