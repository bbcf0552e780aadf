import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import argon2 from 'argon2';
import { limits } from '../domain/limits.ts';
import { createPasswordHasher, hashingConcurrency } from './hashing.ts';
import { QueueFull } from './keyed-queue.ts';
import { KeyRing } from './secrets.ts';

const key = (id: string) => ({ id, bytes: randomBytes(32) });

describe('the password hasher', () => {
  const ring = new KeyRing([key('k1')]);
  const hasher = createPasswordHasher(ring);

  test('uses argon2id with 19 MiB, two passes and one lane, and stores them with the hash', async () => {
    const { hash } = await hasher.hash('Llueve-Poco7');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('tells passwords apart by their last character, at the greatest length', async () => {
    const long = 'ñ'.repeat(limits.password.longest - 1);
    const stored = await hasher.hash(`${long}a`);
    expect(await hasher.matches(`${long}a`, stored)).toBe(true);
    expect(await hasher.matches(`${long}b`, stored)).toBe(false);
  });

  test('peppers: a hash alone, taken from the database, matches nothing', async () => {
    const stored = await hasher.hash('Llueve-Poco7');
    const thief = createPasswordHasher(new KeyRing([key('k1')]));
    expect(await thief.matches('Llueve-Poco7', stored)).toBe(false);
  });

  test('verifies a hash made under an older key', async () => {
    const [older, newer] = [key('k1'), key('k2')];
    const stored = await createPasswordHasher(new KeyRing([older])).hash('Llueve-Poco7');
    expect(await createPasswordHasher(new KeyRing([newer, older])).matches('Llueve-Poco7', stored)).toBe(
      true,
    );
  });

  test('matches nothing where the key of the hash is missing, and reports that it could not compare', async () => {
    const [older, newer] = [key('k1'), key('k2')];
    const stored = await createPasswordHasher(new KeyRing([older])).hash('Llueve-Poco7');
    await createPasswordHasher(new KeyRing([newer])).enqueue(async ({ matches, canCompare, hash }) => {
      expect(await matches('Llueve-Poco7', stored)).toBe(false);
      expect([canCompare(stored), canCompare(await hash('Llueve-Poco7'))]).toEqual([false, true]);
    });
  });

  test('says which hashes are to be renewed: other parameters, or an older key', async () => {
    const [older, newer] = [key('k1'), key('k2')];
    const current = new KeyRing([newer, older]);
    await createPasswordHasher(current).enqueue(async ({ hash, isOutdated }) => {
      expect(isOutdated(await hash('Llueve-Poco7'))).toBe(false);
      expect(isOutdated(await createPasswordHasher(new KeyRing([older])).hash('Llueve-Poco7'))).toBe(true);
      const cheap = await argon2.hash('x', { memoryCost: 8_192, timeCost: 2, parallelism: 1 });
      expect(isOutdated({ hash: cheap, keyId: 'k2' })).toBe(true);
    });
  });

  test('does the same work without a stored hash, and never returns a match', async () => {
    expect(await hasher.matches('nobody has this one', undefined)).toBe(false);
  });

  test('refuses at once what would wait too long, and does the rest', async () => {
    const small = createPasswordHasher(ring, { maxQueued: 4 });
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => small.hash('Llueve-Poco7')));
    const refused = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThanOrEqual(30);
    expect(refused.every(({ reason }) => reason instanceof QueueFull)).toBe(true);
    expect(small.pending()).toBe(0);
  });

  test('refuses what has waited too long for its turn, and does nothing for it', async () => {
    const impatient = createPasswordHasher(ring, { maxWaitMs: 20 });
    const held = Array.from({ length: hashingConcurrency }, () =>
      impatient.enqueue(() => new Promise((resolve) => setTimeout(resolve, 60))),
    );
    let isDone = false;
    const late = impatient.enqueue(async () => {
      isDone = true;
    });
    await expect(late).rejects.toBeInstanceOf(QueueFull);
    expect(isDone).toBe(false);
    await Promise.all(held);
    await impatient.enqueue(async () => {});
  });
});
