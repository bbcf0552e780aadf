import type { ApiClient, Reply } from './client.ts';
import type { paths } from './schema.ts';

type Registration = paths['/registrations']['post'];

/** What a registration act is answered. */
export type RegisteredCitizen = Registration['responses'][201]['content']['application/json'];

/** A registration act, with the type of its own answer: a review, by the same path, is answered otherwise. */
export const registerCitizen = (
  api: ApiClient,
  options: {
    readonly body: Omit<Registration['requestBody']['content']['application/json'], 'review'>;
    readonly params?: { readonly header: { readonly 'Idempotency-Key': string } };
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<Reply<RegisteredCitizen>> =>
  api.POST('/registrations', options) as Promise<Reply<RegisteredCitizen>>;
