import { type ApiClient, createApiClient, defaultTimeoutMs } from './client.ts';
import { type Caller, headersOf, traced } from './front-end-client.ts';
import { LightRequest, lightTransport } from './light-transport.ts';

/** A client for the identification gateway, on behalf of a citizen or of a relying party's server. */
export const gatewayClient = (
  { API_URL, GATEWAY_KEY }: { API_URL: string; GATEWAY_KEY: string },
  caller: Caller,
): ApiClient =>
  createApiClient({
    url: API_URL,
    headers: { ...headersOf(caller), 'X-Gateway-Key': GATEWAY_KEY },
    transport: traced(lightTransport(defaultTimeoutMs)),
    requestClass: LightRequest as unknown as typeof Request,
  });
