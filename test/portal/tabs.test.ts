import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../../web/views/wording.ts';
import { Citizen } from '../actors/citizen.ts';
import { type PortalVisitor, startServiceWithPages } from '../environment/portal-visitor.ts';

const t = wordings.es;

let service: Awaited<ReturnType<typeof startServiceWithPages>>;
beforeAll(async () => {
  service = await startServiceWithPages();
});
afterAll(() => service?.stop());

const start = async (visitor: PortalVisitor, citizen: Citizen) => {
  const { nationalId, email } = citizen.data;
  const page = await visitor.get('/es/activation');
  return visitor.submit(page, { nationalId, email, activationCode: citizen.activationCode });
};

test('the forms of tabs that a new browser opens at once are all taken', async () => {
  const visitor = service.portal.visitor();
  const pages = await Promise.all(
    ['activation', 'password-reset', 'sign-in'].map((name) => visitor.get(`/es/${name}`)),
  );
  for (const page of pages) {
    const { status, html } = await visitor.submit(page, { nationalId: '12345678Z' });
    expect([page.path, status === 403]).toEqual([page.path, false]);
    expect(html).not.toContain(t('form-not-taken.title'));
    expect(html).toContain('value="12345678Z"');
  }
  // Those that follow add none.
  const { size } = visitor.cookies;
  await visitor.get('/es/activation');
  expect(visitor.cookies.size).toBe(size);
  // A token of another browser is still refused.
  const [page] = pages;
  if (page) expect((await service.portal.visitor().submit(page, {})).status).toBe(403);
});

test('journeys that two tabs begin at once both go on, and no more than five are kept', async () => {
  const visitor = service.portal.visitor();
  const citizens = await Promise.all(Array.from({ length: 6 }, () => new Citizen(service.stack).register()));
  const [first, second, ...others] = citizens as [Citizen, Citizen, ...Citizen[]];
  await visitor.get('/es');
  const begun = await Promise.all([start(visitor, first), start(visitor, second)]);
  for (const { path } of begun) {
    const page = await visitor.get(path);
    expect([page.status, page.path]).toEqual([200, path]);
    expect(page.html).toContain(t('otp.title'));
  }
  for (const other of others) await start(visitor, other);
  const kept = await Promise.all(begun.map(({ path }) => visitor.get(path)));
  expect(kept.map(({ status }) => status).sort()).toEqual([200, 404]);
});

test('journeys of two citizens in two tabs each name their own for the password manager', async () => {
  const visitor = service.portal.visitor();
  const citizens = [await new Citizen(service.stack).register(), await new Citizen(service.stack).register()];
  const begun = [];
  for (const citizen of citizens) begun.push({ citizen, page: await start(visitor, citizen) });
  for (const { citizen, page } of begun) {
    const { html } = await visitor.submit(page, { action: 'otp', otp: await citizen.otp() });
    expect(html).toContain(t('new-password.title'));
    expect(html).toContain(`name="username" value="${citizen.data.nationalId}"`);
  }
});
