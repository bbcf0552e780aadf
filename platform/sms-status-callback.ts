/**
 * Where the provider is to tell how one text fares: the address of the settings, with the text's own id. By the
 * provider's id alone a text could not be found whose acceptance we never heard of, or not yet.
 */
export function statusCallbackUrl(base: string, textId: string): string {
  const url = new URL(base);
  url.searchParams.set('text', textId);
  return url.href;
}

/** The address as the provider signs it: up to the end of the query. What follows only tells it how to connect. */
export const signedUrl = (url: string): string => url.replace(/#.*$/, '');
