import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { type CallName, type CitizenInState, calls, type State } from './states.ts';

const none = '401 not-authenticated';
const refused = '401 sign-in-refused';
const blocked = '423 activation-code-blocked';
const over = '410 journey-ended';
const wrongStep = '409 step-not-expected';
const actNeeded = '409 registration-act-needed';
const suspended = '409 suspended';
const resetNeeded = '409 reset-needed';
const stranger = '422 activation-data-refused';

/** The states of the table's columns. `phone-yielded` has none: see `answerIn`. */
export const statesInOrder: readonly State[] = [
  ...(['unknown', 'registered', 'code-blocked', 'otp step', 'password step', 'active'] as const),
  ...(['signed in', 'change at otp', 'password-blocked', 'expired', 'suspended', 'unsubscribed'] as const),
];
const sixTimes = <Answer>(answer: Answer) => Array<Answer>(6).fill(answer);

const reset = '201 password-reset/otp';
const activation = '201 activation/otp';
const online = '201 registration/otp';
const codeEntry = [
  ...[stranger, activation, blocked, activation, activation, reset],
  ...[reset, reset, reset, reset, blocked, stranger],
];
/** What each call is answered in each of `statesInOrder`, and at which step a journey is that it begins or moves. */
export const answersByState: Record<CallName, readonly string[]> = {
  'POST /registrations': [...sixTimes('201'), ...sixTimes('201')],
  'POST /activation-codes': [
    ...['404 not-registered', '201', actNeeded, '201', '201', '201'],
    ...['201', '201', actNeeded, '201', actNeeded, actNeeded],
  ],
  'POST /registrations/online': statesInOrder.map(() => online),
  'online with another certificate': statesInOrder.map((state) =>
    state === 'suspended' ? '409 office-needed' : online,
  ),
  'POST /identification-renewals': ['404 not-registered', ...Array(11).fill('201')],
  'renewal with another certificate': statesInOrder.map(() => '403 dnie-needed'),
  'code with a certificate': [
    ...['404 not-registered', '201', actNeeded, '201', '201', '201'],
    ...['201', '201', actNeeded, '201', actNeeded, actNeeded],
  ],
  'GET /receipts/{id}': statesInOrder.map(() => none),
  'POST /citizen-lookups': ['404 not-registered', ...Array(11).fill('200')],
  'POST /suspensions': ['404 not-registered', ...Array(10).fill('201'), '404 not-registered'],
  'POST /desk-sessions': [...sixTimes('201'), ...sixTimes('201')],
  'GET /desk-sessions/current': [...sixTimes(none), ...sixTimes(none)],
  'DELETE /desk-sessions/current': [...sixTimes(none), ...sixTimes(none)],
  'POST /activations': codeEntry,
  'POST /password-resets': codeEntry,
  'wrong code': statesInOrder.map((state) => (state === 'code-blocked' ? blocked : stranger)),
  'GET /journeys/{id}': [
    ...[none, none, none, '200 activation/otp', '200 activation/password', '200 activation/done'],
    ...['200 activation/done', '200 password-change/otp', '200 activation/done', '200 activation/done'],
    ...['200 activation/done', '200 unsubscription/done'],
  ],
  'POST /journeys/{id}/otp': [
    ...[none, none, none, '422 otp-refused', wrongStep, over],
    ...[over, '422 otp-refused', over, over, over, over],
  ],
  'POST /journeys/{id}/otp/resend': [
    ...[none, none, none, '429 too-many-requests', wrongStep, over],
    ...[over, '429 too-many-requests', over, over, over, over],
  ],
  'POST /journeys/{id}/extension': [
    ...[none, none, none, '200 activation/otp', '200 activation/password', over],
    ...[over, '200 password-change/otp', over, over, over, over],
  ],
  'POST /journeys/{id}/password': [
    ...[none, none, none, wrongStep, '200 activation/done', over],
    ...[over, wrongStep, over, over, over, over],
  ],
  'POST /password-changes': [
    ...sixTimes(none),
    ...['201 password-change/otp', '201 password-change/otp', none, none, none, none],
  ],
  'POST /unsubscriptions': [
    ...sixTimes(none),
    ...['201 unsubscription/otp', '201 unsubscription/otp', none, none, none, none],
  ],
  'POST /sessions': [
    ...[refused, refused, refused, refused, refused, '201'],
    ...['201', '201', refused, '403 password-expired', refused, refused],
  ],
  'substantial sign-in': [
    ...[refused, refused, refused, refused, refused, '201 sign-in/otp'],
    ...['201 sign-in/otp', '201 sign-in/otp', refused, '403 password-expired', refused, refused],
  ],
  'sign-in for a relying party': [
    ...[refused, refused, refused, refused, refused, '201'],
    ...['201', '201', refused, '403 password-expired', refused, refused],
  ],
  'wrong password': [...sixTimes(refused), ...sixTimes(refused)],
  'POST /sessions/certificate': [
    ...['404 not-registered', '201', '201', '201', '201', '201'],
    ...['201', '201', '201', '201', suspended, '201'],
  ],
  'password change by certificate': [
    ...['404 not-registered', resetNeeded, resetNeeded, resetNeeded, resetNeeded, '200'],
    ...['200', '200', resetNeeded, '200', suspended, resetNeeded],
  ],
  'unsubscription by certificate': [
    ...['404 not-registered', '204', '204', '204', '204', '204'],
    ...['204', '204', '204', '204', suspended, actNeeded],
  ],
  'GET /sessions/current': [...sixTimes(none), '200', '200', none, none, none, none],
  'POST /sessions/current/extension': [...sixTimes(none), '200', '200', none, none, none, none],
  'DELETE /sessions/current': [...sixTimes(none), '204', '204', none, none, none, none],
  'POST /sessions/not-me': [...sixTimes(none), '204', '204', none, none, none, none],
  'POST /identifications': [
    ...sixTimes(none),
    ...['403 wrong-purpose', '403 wrong-purpose', none, none, none, none],
  ],
  'GET /identifications/{id}': [...sixTimes('404 not-found'), ...sixTimes('404 not-found')],
  'POST /certificate-tickets': [...sixTimes('201'), ...sixTimes('201')],
  'POST /certificate-tickets/{id}/presentations': [
    ...sixTimes('404 not-found'),
    ...sixTimes('404 not-found'),
  ],
  'POST /certificate-presentations': [...sixTimes('404 not-found'), ...sixTimes('404 not-found')],
  'POST /certificate-tickets/{id}/redemptions': [...sixTimes(none), ...sixTimes(none)],
  'GET /activity': [...sixTimes(none), '200', '200', none, none, none, none],
  'GET /password-policy': [...sixTimes('200'), ...sixTimes('200')],
};

/** As in the state `registered`, but for what needs the phone. */
const whenPhoneYielded: Partial<Record<CallName, string>> = {
  'POST /activation-codes': actNeeded,
  'code with a certificate': actNeeded,
  'POST /activations': '409 phone-yielded',
  'POST /password-resets': '409 phone-yielded',
};
/** What a call is answered in a state. */
const answerIn = (state: State, name: CallName): string =>
  state === 'phone-yielded'
    ? (whenPhoneYielded[name] ?? answerIn('registered', name))
    : (answersByState[name][statesInOrder.indexOf(state)] ?? '');

/** A reply in the words of the table: status, problem or journey. */
const answerOf = ({ status, body }: HttpReply): string => {
  const { kind, step } = body?.journey ?? {};
  const what = body?.code ?? (kind && `${kind}/${step}`);
  return what ? `${status} ${what}` : `${status}`;
};

/** Reads and refused calls: none changes the citizen's state, so that one citizen serves for all of them. */
const changesNothing = (name: CallName, answer: string): boolean =>
  (!/^20/.test(answer) && !answer.startsWith('403')) ||
  name.startsWith('GET') ||
  name === 'POST /citizen-lookups';

/** What each call is answered in a state: first the calls that change nothing, then the others. */
export function expectedIn(
  state: State,
): Readonly<Record<'withoutEffect' | 'withEffect', readonly Expected[]>> {
  const all = (Object.keys(answersByState) as CallName[]).map((name) => ({
    name,
    answer: answerIn(state, name),
  }));
  return {
    withoutEffect: all.filter(({ name, answer }) => changesNothing(name, answer)),
    withEffect: all.filter(({ name, answer }) => !changesNothing(name, answer)),
  };
}

interface Expected {
  readonly name: CallName;
  readonly answer: string;
}

/** The expected answers by the names of the calls. */
export const answersByName = (expected: readonly Expected[]): Record<string, string> =>
  Object.fromEntries(expected.map(({ name, answer }) => [name, answer]));

/** Makes calls for one citizen, one after the other. @returns the answers by the names of the calls */
export async function answersFrom(
  stack: Stack,
  who: CitizenInState,
  named: readonly { readonly name: CallName }[],
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const { name } of named) answers[name] = answerOf(await calls[name](stack, who));
  return answers;
}
