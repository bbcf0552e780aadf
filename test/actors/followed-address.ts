/** Where a browser goes on by itself from an answer: by a redirect, or by a page that says so. */
export function followedAddress(headers: Headers, html: string): string | undefined {
  const [, refresh] = /<meta http-equiv="refresh" content="0; url=([^"]+)"/.exec(html) ?? [];
  return headers.get('Location') ?? refresh?.replaceAll('&amp;', '&');
}
