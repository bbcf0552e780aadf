/** What is asked of a responder or of where lists are. */
export interface BoundedRequest {
  readonly url: string;
  /** A POST of this body; a GET without it. */
  readonly body?: { readonly type: string; readonly content: Uint8Array };
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Fetches an answer, or undefined: whatever the other side does, within a time and with so many octets. */
export type FetchBounded = (request: BoundedRequest) => Promise<Uint8Array | undefined>;

/**
 * Fetches with the platform's client. Redirects are not followed: the addresses are those of the trust bundle. Only a 200 is
 * an answer.
 */
export const fetchBounded: FetchBounded = async ({ url, body, maxBytes, timeoutMs }) => {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'Accept-Encoding': 'identity', ...(body && { 'Content-Type': body.type }) },
      ...(body && { method: 'POST', body: new Uint8Array(body.content) }),
    });
    if (response.status !== 200 || Number(response.headers.get('content-length')) > maxBytes) {
      await response.body?.cancel();
      return undefined;
    }
    return response.body ? await readAtMost(response.body, maxBytes) : undefined;
  } catch {
    return undefined;
  }
};

/** The whole stream, or undefined if it is longer, without reading on. */
async function readAtMost(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) return undefined; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
