import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { conditionsVersion } from '../../domain/registration/conditions.ts';
import { certificateIdentification, certificateToken } from '../actors/certificate-holder.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { registerOnline, startOnline, tryRegisterOnline } from '../actors/online-registration.ts';
import { auditTypesOf, queryAsOwner } from '../database/rows.ts';
import { textRuns } from '../environment/pdf-text.ts';
import { runCommand } from '../environment/processes.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const row = ({ data: { nationalId } }: Citizen) =>
  stack.db.prisma.citizen.findUnique({ where: { nationalId } });

describe('a certificate token', () => {
  test('opens one act: another call with it is refused', async () => {
    const citizen = new Citizen(stack);
    const token = await certificateToken(stack, citizen.data);
    expect((await tryRegisterOnline(stack, citizen, { token })).status).toBe(201);
    expect((await tryRegisterOnline(stack, citizen, { token })).status).toBe(401);
  });

  test.each([
    ['for identification', { purpose: 'identification' }, 403],
    ['that has expired', { tokenExpiresAt: new Date(0) }, 401],
    ['of a certificate that has expired', { notAfter: new Date(0) }, 401],
  ] as const)('%s is refused', async (_what, options, status) => {
    const citizen = new Citizen(stack);
    const token = await certificateToken(stack, citizen.data, options);
    expect((await tryRegisterOnline(stack, citizen, { token })).status).toBe(status);
  });

  test.each([
    ['a name', { givenName: 'Ana' }],
    ['a national id', { nationalId: '12345678Z' }],
    ['conditions not accepted', { accepted: false }],
    ['conditions accepted in words', { accepted: 'true' }],
  ])('takes no %s from the body', async (_what, body) => {
    const citizen = new Citizen(stack);
    const reply = await tryRegisterOnline(stack, citizen, { body });
    expect(reply).toMatchObject({ status: 400, body: { code: 'malformed-request' } });
  });

  test('of an officer opens no act', async () => {
    const reply = await tryRegisterOnline(stack, new Citizen(stack), { token: stack.officeKey });
    expect(reply.status).toBe(401);
  });
});

test('the trail has with which certificate a call was refused, and which another began', async () => {
  const citizen = new Citizen(stack);
  const owner = await activeCitizen(stack);
  const { id, token } = await certificateIdentification(stack, citizen.data);
  const refused = await tryRegisterOnline(stack, citizen, { token, body: { phone: owner.data.phone } });
  expect(refused).toMatchObject({ status: 409, body: { code: 'phone-in-use' } });
  await startOnline(stack, citizen, { token });
  const linked = await queryAsOwner<{ type: string }>(
    stack,
    `SELECT event.type FROM "AuditEvent" used JOIN "AuditEvent" event USING ("requestId")
     WHERE used.type = 'certificate-used' AND used.detail ->> 'certificate' = $1 ORDER BY event.type`,
    [id],
  );
  const twice = ['certificate-used', 'certificate-used'];
  expect(linked.map(({ type }) => type)).toEqual(['call-refused', ...twice, 'journey-begun']);
  const { ownerUrl: DATABASE_OWNER_URL } = stack.database;
  const args = ['--since', 'PT5M'];
  const { said } = await runCommand(stack, { DATABASE_OWNER_URL }, 'operations/audit.ts', args);
  const ofCertificate = said.split('\n').filter((line) => line.includes(`certificate=${id}`));
  expect(ofCertificate.join('\n')).toMatch(/call-refused [\s\S]*journey-begun /);
});

test('the evidence is kept with the act, sealed, with the conditions and without the activation code', async () => {
  const citizen = new Citizen(stack);
  const { id, token } = await certificateIdentification(stack, citizen.data);
  await registerOnline(stack, citizen, { token });
  const { actId = '' } = (await row(citizen)) ?? {};
  expect(await stack.db.prisma.registrationAct.findUniqueOrThrow({ where: { id: actId } })).toMatchObject({
    ...{ officerId: null, certificateId: id },
  });
  const { kind, citizenId, sealed } = await stack.db.prisma.actEvidence.findUniqueOrThrow({
    where: { actId },
  });
  expect({ kind, citizenId }).toEqual({ kind: 'registration', citizenId: citizen.citizenId });
  expect(sealed).not.toContain(citizen.data.nationalId);
  const document = stack.ring.open('act-evidence', actId, sealed);
  expect(document.toString('latin1')).toContain('/SubFilter /ETSI.CAdES.detached');
  const text = textRuns(document).join('\n');
  for (const shown of [citizen.data.nationalId, conditionsVersion, 'OCSP']) expect(text).toContain(shown);
  expect(text).not.toContain(citizen.activationCode);
  expect(await stack.db.prisma.stagedEvidence.count({ where: { actId } })).toBe(0);
});

test('an act without its evidence is not applied', async () => {
  const citizen = new Citizen(stack);
  const journey = await startOnline(stack, citizen);
  const { nationalId } = citizen.data;
  const { id: actId } = await stack.db.prisma.registrationAct.findFirstOrThrow({ where: { nationalId } });
  await stack.db.prisma.stagedEvidence.deleteMany({ where: { actId } });
  expect((await journey.enterOtp(await journey.otp())).status).toBe(410);
  expect(await row(citizen)).toBeNull();
});

test('the trail tells that it was online, and by what', async () => {
  const citizen = await registerOnline(stack, new Citizen(stack));
  expect(await auditTypesOf(stack, citizen.citizenId)).toEqual(
    expect.arrayContaining([
      'journey-begun',
      'otp-sent',
      'otp-accepted',
      'citizen-registered',
      'journey-finished',
    ]),
  );
  const [event] = await queryAsOwner<{ detail: unknown; officerId: string | null }>(
    stack,
    `SELECT detail, "officerId" FROM "AuditEvent" WHERE "citizenId" = $1 AND type = 'citizen-registered'`,
    [citizen.citizenId],
  );
  expect(event).toEqual({ detail: { again: false, by: 'dnie' }, officerId: null });
});
