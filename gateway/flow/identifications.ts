import { codeOf } from '../../client/client.ts';
import { gatewayClient } from '../../client/gateway-client.ts';
import type { paths } from '../../client/schema.ts';

/** What the API tells of an identification for some minutes, to the relying party that it is for. */
export type ReadIdentification =
  paths['/identifications/{id}']['get']['responses'][200]['content']['application/json'];

/** Undefined: there is none, it is over or void, or it is another party's. @throws Error if the API cannot answer */
export type FindIdentification = (
  identificationId: string,
  relyingPartyId: string,
) => Promise<ReadIdentification | undefined>;

/** Reads identifications from the API, with the gateway's key and on behalf of no citizen. */
export const createFindIdentification =
  (settings: { API_URL: string; GATEWAY_KEY: string }): FindIdentification =>
  async (id, relyingParty) => {
    const api = gatewayClient(settings, { language: 'es', address: '', userAgent: 'clave-gateway' });
    const { data, error, response } = await api.GET('/identifications/{id}', {
      params: { path: { id }, query: { relyingParty } },
    });
    if (data) return data;
    if (response.status === 404) return undefined;
    throw new Error(`identification: answered ${response.status} ${codeOf(error) ?? ''}`);
  };
