/**
 * The URL for delivery reports of one SMS: the configured one with our own id. The provider's id does not suffice: the
 * response that carries it may be late or lost.
 */
export function statusCallbackUrl(base: string, smsId: string): string {
  const url = new URL(base);
  url.searchParams.set('text', smsId);
  return url.href;
}

/** The URL as the provider signs it: without the fragment, which only holds connection options. */
export const signedUrl = (url: string): string => url.replace(/#.*$/, '');
