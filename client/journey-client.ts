import { type ApiClient, bearer } from './client.ts';

/** A journey that the API has opened, with the token that it gave for it. */
export interface JourneyCredential {
  readonly id: string;
  readonly token: string;
}

type Headers_ = Readonly<Record<string, string>>;

/** The calls of one journey: each sends one request and resolves to its reply. `headers`: besides the token. */
export const journeyClient = (api: ApiClient, { id, token }: JourneyCredential, headers: Headers_ = {}) => {
  const options = { params: { path: { id } }, headers: { ...headers, ...bearer(token) } };
  return {
    read: () => api.GET('/journeys/{id}', options),
    submitOtp: (otp: string) => api.POST('/journeys/{id}/otp', { ...options, body: { otp } }),
    resendOtp: () => api.POST('/journeys/{id}/otp/resend', options),
    setPassword: (password: string) =>
      api.POST('/journeys/{id}/password', { ...options, body: { password } }),
  };
};
