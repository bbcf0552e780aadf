import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keepReceipt } from '../../api/certificates/act-receipts.ts';
import { actEvidence } from '../../api/registration/act-evidence.ts';
import { parseNationalId } from '../../domain/identity/national-id.ts';
import { languages } from '../../domain/languages.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { testSealKey } from '../environment/seal-key.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const nationalId = parseNationalId('12345678Z');
if (!nationalId.ok) throw new Error('a good national id');
const identity = { nationalId: nationalId.value, givenName: 'Ana', firstSurname: 'López' };

const content = {
  language: 'es',
  nationalId: identity.nationalId,
  name: 'Ana López',
  profile: 'dnie',
  activationCode: '7K3QM-Z9XWT',
  declared: { email: 'ana@example.org', phone: '+34612345678' },
} as const;

async function kept(at = new Date()): Promise<{ id: string; token: string }> {
  const token = randomBytes(32).toString('base64url');
  const act = { actId: randomUUID(), tokenDigest: tokenDigest(token) };
  const { id } = await keepReceipt(stack, act, { ...content, issuedAt: at.toISOString() });
  return { id, token };
}

const read = (id: string, token?: string) =>
  fetch(`${stack.url}/api/v1/receipts/${id}`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });

test('a receipt is a sealed PDF, for the Bearer that did the act and nobody else', async () => {
  const [mine, other] = [await kept(), await kept()];
  const reply = await read(mine.id, mine.token);
  expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([
    200,
    'application/pdf',
    'no-store',
  ]);
  const raw = Buffer.from(await reply.arrayBuffer()).toString('latin1');
  expect(raw.startsWith('%PDF-1.7')).toBe(true);
  expect(raw).toContain('/SubFilter /ETSI.CAdES.detached');
  expect((await read(mine.id, other.token)).status).toBe(404);
  expect((await read(mine.id)).status).toBe(401);
  expect((await read('no-receipt', mine.token)).status).toBe(404);
});

test('a receipt can be read for an hour, and what is stored of it shows neither code nor person', async () => {
  const { id, token } = await kept(new Date(Date.now() - 3_601_000));
  expect((await read(id, token)).status).toBe(401);
  const row = await stack.db.prisma.actReceipt.findUniqueOrThrow({ where: { id } });
  for (const secret of ['7K3QM', '12345678Z', 'ana@example.org'])
    expect(JSON.stringify(row)).not.toContain(secret);
});

test('the evidence of an act is a sealed PDF with the certificate and the answer about it, without the code, and encrypted', async () => {
  const { ring } = stack;
  const sealKey = await testSealKey();
  const actId = randomUUID();
  const certificate = sealKey.certificates[0].toString('base64');
  const revocation = { kind: 'ocsp', answer: Buffer.from('an answer').toString('base64') } as const;
  const evidence = { identity, certificates: [certificate, certificate], revocation };
  for (const language of languages) {
    const sealed = await actEvidence(
      { profile: 'dnie', evidence },
      {
        ...{ actId, kind: 'registration', language, atMs: Date.now() },
        declared: { email: 'ana@example.org', phone: '+34612345678' },
      },
      { ring, sealKey },
    );
    expect(sealed).not.toContain('12345678Z');
    const raw = ring.open('act-evidence', actId, sealed).toString('latin1');
    expect(raw).toContain('/SubFilter /ETSI.CAdES.detached');
    for (const file of ['certificate.cer', 'issuer-1.cer', 'status.ors']) expect(raw).toContain(`(${file})`);
  }
});
