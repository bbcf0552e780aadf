/**
 * Asks a second time where nobody answers within a third of the patience (ms): a question that is on its way to a worker
 * which stops is lost, and the others answer at once. For questions only: what asks twice changes nothing.
 * @throws whatever the last try throws
 */
export async function retryOnce<Answer>(
  patienceMs: number,
  ask: (deadlineMs: number) => Promise<Answer>,
): Promise<Answer> {
  const startedAtMs = Date.now();
  const secondAtMs = startedAtMs + patienceMs / 3;
  try {
    return await ask(secondAtMs);
  } catch (error) {
    // A refusal is an answer.
    if (Date.now() < secondAtMs) throw error;
    return ask(startedAtMs + patienceMs);
  }
}
