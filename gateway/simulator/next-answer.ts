import { z } from 'zod';
import { everyMeans } from '../../domain/assurance.ts';
import { failures } from '../flow/identification-request.ts';
import { personNames } from './persons.ts';

/**
 * What the simulator can let go wrong: what the pages can, and what no citizen can bring about. `identification-over`: the
 * code and the ID token come, and userinfo refuses, as after «it was not me».
 */
export const simulatedFailures = [...failures, 'server_error', 'identification-over'] as const;

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

const shape = z
  .strictObject({
    relyingParty: z.string('must be a client id'),
    person: oneOf(personNames).optional(),
    /** The weakest that is enough, unless it is said. */
    means: oneOf(everyMeans).optional(),
    failure: oneOf(simulatedFailures).optional(),
  })
  .refine(({ person, failure }) => !person !== !failure, 'must have either person or failure')
  .refine(({ person, means }) => !means || person, 'means: goes with person only');

/** What the next request of a relying party gets. */
export type NextAnswer = z.infer<typeof shape>;

/** Reads the body of `POST /simulator/next`. Returns it, or one line for each thing that is wrong. */
export function nextAnswerFrom(body: unknown): { answer: NextAnswer } | { problems: string[] } {
  const result = shape.safeParse(body ?? {});
  if (result.success) return { answer: result.data };
  return {
    problems: result.error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    ),
  };
}
