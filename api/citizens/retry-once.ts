/**
 * Calls a second time if there is no result within a third of the timeout (ms). A query that Temporal dispatched to a
 * stopping worker is lost, and another worker answers at once. For reads only, since both calls may run.
 * @throws the error of the last call
 */
export async function retryOnce<Result>(
  timeoutMs: number,
  call: (deadlineMs: number) => Promise<Result>,
): Promise<Result> {
  const startedAtMs = Date.now();
  const retryAtMs = startedAtMs + timeoutMs / 3;
  try {
    return await call(retryAtMs);
  } catch (error) {
    // An error before the deadline is a reply: it is not retried.
    if (Date.now() < retryAtMs) throw error;
    return call(startedAtMs + timeoutMs);
  }
}
