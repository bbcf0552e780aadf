import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database.ts';
import { tokenDigest } from '../../platform/secrets.ts';

/** The officer whose key is the setting OFFICE_API_KEY. The id is fixed, so that a changed key replaces the old one. */
const firstOfficerId = '00000000-0000-4000-8000-000000000001';

/**
 * Creates the first officer with OFFICE_API_KEY, or updates the key, unless the officer was revoked: a restart must not
 * undo a revocation. Returns whether the key is valid.
 */
export async function ensureFirstOfficer({ prisma }: Database, key: string): Promise<boolean> {
  const keyDigest = tokenDigest(key);
  const first = { id: firstOfficerId, name: 'First officer', office: 'OFFICE_API_KEY', keyDigest };
  await prisma.officer.createMany({ data: [first], skipDuplicates: true });
  const { count } = await prisma.officer.updateMany({
    where: { id: firstOfficerId, revokedAt: null },
    data: { keyDigest },
  });
  return count > 0;
}

/** Creates an officer with a key of 256 random bits, which is returned here and stored only as a digest. */
export async function addOfficer(
  { prisma }: Database,
  officer: { name: string; office: string },
): Promise<{ id: string; key: string }> {
  const id = randomUUID();
  const key = `clave_${randomBytes(32).toString('base64url')}`;
  await prisma.officer.create({ data: { id, ...officer, keyDigest: tokenDigest(key) } });
  return { id, key };
}

/** Revokes an officer's key at once. Returns whether there was a valid one. */
export async function revokeOfficer({ prisma }: Database, id: string): Promise<boolean> {
  const { count } = await prisma.officer.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  return count > 0;
}
