import type { Stack } from '../environment/stack.ts';
import { call, goodPassword, Person, type Reply, Visit } from './front-end.ts';

export const wrongPassword = 'Wrong-Password-9!';

type Signing = { assurance?: 'basic' | 'substantial'; headers?: Readonly<Record<string, string>> };

/** One try to sign in, as anybody would who knows a national id. */
export const signIn = (
  at: Pick<Stack, 'url'>,
  { data: { nationalId } }: { data: { nationalId: string } },
  password = goodPassword,
  { assurance, headers = {} }: Signing = {},
): Promise<Reply> =>
  call(at, 'POST', '/sessions', {
    body: { nationalId, password, ...(assurance && { assurance }) },
    headers,
  });

/** Somebody who is registered and has set a password. */
export async function activePerson(stack: Stack, password = goodPassword): Promise<Person> {
  const person = await new Person(stack).register();
  await person.setPassword(password);
  return person;
}

/** The token of a new session. @throws Error if there is none */
export async function sessionOf(stack: Stack, person: Person, password = goodPassword): Promise<string> {
  const reply = await signIn(stack, person, password);
  if (reply.status !== 201) throw new Error(`not signed in: ${JSON.stringify(reply.body)}`);
  return reply.body.session.token;
}

/** A journey of this kind of call, begun. @throws Error if it is refused */
export async function journeyOf(stack: Stack, asked: Promise<Reply>): Promise<Visit> {
  const reply = await asked;
  if (!reply.body?.token) throw new Error(`not begun: ${JSON.stringify(reply.body)}`);
  return new Visit(stack, reply);
}

/** A reinforced sign-in that waits for its SMS code. */
export const substantial = (stack: Stack, person: Person, password = goodPassword): Promise<Visit> =>
  journeyOf(stack, signIn(stack, person, password, { assurance: 'substantial' }));

export const whoAmI = (at: Pick<Stack, 'url'>, token: string): Promise<Reply> =>
  call(at, 'GET', '/sessions/current', { token });

export const changePassword = (
  at: Pick<Stack, 'url'>,
  token: string,
  currentPassword: string,
  newPassword: string,
): Promise<Reply> => call(at, 'POST', '/password-changes', { body: { currentPassword, newPassword }, token });

export const unsubscribe = (at: Pick<Stack, 'url'>, token: string): Promise<Reply> =>
  call(at, 'POST', '/unsubscriptions', { body: {}, token });

/** What the office does about a citizen. */
export const atOffice = (
  { url, officeKey }: Pick<Stack, 'url' | 'officeKey'>,
  path: '/suspensions' | '/activation-codes' | '/citizen-lookups',
  { data: { nationalId } }: { data: { nationalId: string } },
): Promise<Reply> =>
  call({ url }, 'POST', path, {
    body: { nationalId, ...(path === '/suspensions' && { reason: 'a lost phone' }) },
    token: officeKey,
  });

/** Six failures in a row: the password is blocked. */
export async function blockPassword(at: Pick<Stack, 'url'>, person: Person): Promise<void> {
  for (let failure = 0; failure < 6; failure += 1) await signIn(at, person, wrongPassword);
}

/** How many texts a phone has that say so. */
export const textsSaying = (person: Person, words: string): number =>
  person.texts().filter((text) => text.includes(words)).length;
