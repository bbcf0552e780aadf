import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { addressOfJourney } from '../../pages.ts';
import { fieldErrorText } from '../../views/wording.ts';
import type { HeldJourney } from '../../visitor/cookies.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { brokenRules, mistakesIn } from '../new-password/new-password-errors.ts';
import { showAgain, showRefusal } from './show.ts';

/** [clave], "User activation", 3; before it the citizen accepts the duties of keeping it, [ENS] op.acc.5.2. */
export async function newPassword(visitor: Visitor, held: HeldJourney): Promise<void> {
  const { id, token } = held;
  const mistakes = mistakesIn(visitor);
  if (visitor.field('accept') !== 'yes')
    mistakes.push({ field: 'accept', text: fieldErrorText(visitor.say, 'accept', 'required') });
  if (mistakes.length > 0) return showAgain(visitor, held, { errors: mistakes, status: 422 });
  const password = visitor.field('newPassword');
  const set = await outcomeOf(
    visitor.api.POST('/journeys/{id}/password', {
      params: {
        path: { id },
        header: { 'Idempotency-Key': visitor.idempotencyKey('password', id, password) },
      },
      headers: bearer(token),
      body: { password },
    }),
    visitor.language,
  );
  if (set.ok) return visitor.go(addressOfJourney(id, visitor.language));
  if (set.problem.code !== 'password-refused') return showRefusal(visitor, held, set);
  return showAgain(visitor, held, { errors: await brokenRules(visitor, set.problem), status: 422 });
}
