import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongPassword } from '../actors/credentials.ts';
import { fillFailedIds } from '../database/failed-ids.ts';
import {
  newCookieKey,
  type PortalInProcess,
  type PortalVisitor,
  startPortalInProcess,
} from '../environment/portal-visitor.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const t = wordings.es;
const oldKey = newCookieKey('c1');

let stack: Stack;
let portal: PortalInProcess;
beforeAll(async () => {
  stack = await startStack();
  portal = await startPortalInProcess(stack, oldKey);
});
afterAll(async () => {
  portal?.stop();
  await stack?.stop();
});

const signIn = async (
  visitor: PortalVisitor,
  { data: { nationalId } }: Citizen,
  fields: Readonly<Record<string, string>> = {},
) => {
  const page = await visitor.get('/es/sign-in');
  return visitor.submit(page, { nationalId, password: goodPassword, ...fields });
};
const signOut = async (visitor: PortalVisitor) =>
  visitor.submit(await visitor.get('/es/my-clave'), {}, '/es/sign-out');
const prefix = '__Host-clave-browser-';
const browserCookies = ({ cookies }: PortalVisitor): string[] =>
  [...cookies.keys()].filter((name) => name.startsWith(prefix));
/** The token that a cookie holds. */
const tokenOf = ({ cookies }: PortalVisitor, name: string): string => {
  const context = `browser/${name.slice(prefix.length)}`;
  const { value } = portal.sealedBox.open('portal-cookie', context, cookies.get(name)) as { value: string };
  return value;
};
/** Runs with the address of these visitors used up by strangers. */
async function atFullAddress<Result>(work: () => Promise<Result>): Promise<Result> {
  const giveBack = await fillFailedIds(stack, '127.0.0.1');
  return work().finally(giveBack);
}
const enterOtp = async (visitor: PortalVisitor, citizen: Citizen, path: string, number: number) =>
  visitor.submit(await visitor.get(path), { action: 'otp', otp: await citizen.otp(number) });

test('a browser that has signed in is known for ninety days, through the sign-out, where any other is refused', async () => {
  const citizen = await activeCitizen(stack);
  const visitor = portal.visitor();
  expect((await signIn(visitor, citizen)).path).toBe('/es/my-clave');
  const [name = '', ...others] = browserCookies(visitor);
  expect(others).toEqual([]);
  expect(visitor.attributes.get(name)).toMatch(
    /^ Max-Age=7776000; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(visitor.attributes.get('__Host-clave-session')).not.toContain('Max-Age');
  const first = tokenOf(visitor, name);
  expect(visitor.cookies.get(name)).not.toContain(first);
  await signOut(visitor);
  expect(browserCookies(visitor)).toEqual([name]);

  await atFullAddress(async () => {
    const refused = await signIn(portal.visitor(), citizen);
    expect([refused.status, refused.path]).toEqual([429, '/es/sign-in']);
    expect((await signIn(visitor, citizen)).path).toBe('/es/my-clave');
  });
  // A wrong password makes nothing known, and the token is that of the last right one.
  const stranger = portal.visitor();
  await signIn(stranger, citizen, { password: wrongPassword });
  expect(browserCookies(stranger)).toEqual([]);
  expect(browserCookies(visitor)).toEqual([name]);
  expect(tokenOf(visitor, name)).not.toBe(first);
});

test('one browser is known to several citizens, to four at most', async () => {
  const [one, other] = [await activeCitizen(stack), await activeCitizen(stack)];
  const visitor = portal.visitor();
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    const entry = { writtenAtMs: index + 1, value: 'of an earlier citizen' };
    visitor.cookies.set(`${prefix}${id}`, portal.sealedBox.seal('portal-cookie', `browser/${id}`, entry));
  }
  await signIn(visitor, one);
  await signOut(visitor);
  await signIn(visitor, other);
  await signOut(visitor);
  expect(browserCookies(visitor)).toHaveLength(4);
  expect(browserCookies(visitor)).not.toContain(`${prefix}a`);
  await atFullAddress(async () => {
    for (const citizen of [one, other]) {
      expect((await signIn(visitor, citizen)).path).toBe('/es/my-clave');
      await signOut(visitor);
    }
  });
});

test('a sign-in with an SMS code makes a browser known too, and «it was not me» makes it unknown', async () => {
  const citizen = await activeCitizen(stack);
  const visitor = portal.visitor();
  const begun = await signIn(visitor, citizen, { reinforced: 'yes' });
  expect(browserCookies(visitor)).toEqual([]);
  expect((await enterOtp(visitor, citizen, begun.path, 2)).path).toBe('/es/my-clave');
  expect(browserCookies(visitor)).toHaveLength(1);
  const done = await visitor.submit(await visitor.get('/es/not-me'), {});
  expect(done.path).toBe('/es/not-me/done');
  expect(browserCookies(visitor)).toEqual([]);
});

test('an unsubscription makes it unknown', async () => {
  const citizen = await activeCitizen(stack);
  const visitor = portal.visitor();
  await signIn(visitor, citizen);
  const begun = await visitor.submit(await visitor.get('/es/unsubscription'), { confirm: 'yes' });
  expect(browserCookies(visitor)).toHaveLength(1);
  const done = await enterOtp(visitor, citizen, begun.path, 2);
  expect(done.html).toContain(t('done.unsubscribed'));
  expect(browserCookies(visitor)).toEqual([]);
});

test('the key of the pages can be changed: a browser known under the old one stays known', async () => {
  const citizen = await activeCitizen(stack);
  const visitor = portal.visitor();
  await signIn(visitor, citizen);
  const before = browserCookies(visitor);
  const next = await startPortalInProcess(stack, `${newCookieKey('c2')},${oldKey}`);
  const later = next.visitor();
  for (const name of before) later.cookies.set(name, visitor.cookies.get(name) ?? '');
  await atFullAddress(async () => expect((await signIn(later, citizen)).path).toBe('/es/my-clave'));
  next.stop();
  // Under the new key it has another name, and the former entry is gone.
  expect(browserCookies(later)).toHaveLength(1);
  expect(browserCookies(later)).not.toEqual(before);
});
