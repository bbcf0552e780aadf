import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cardPem, cardPkcs12, pkcs12Password } from './card-files.ts';
import { cardIds } from './cards.ts';
import { makeDemoPki } from './demo-pki.ts';
import { ensureDemoPki } from './stored-pki.ts';

const now = new Date('2026-11-29T10:00:00Z');
const pki = makeDemoPki(now);
const folder = mkdtempSync(path.join(tmpdir(), 'demo-pki-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the demo PKI', () => {
  test.each(cardIds)('has the card %s: certified by its issuer, with the key of its certificate', (id) => {
    const card = pki.cards.find((one) => one.id === id);
    if (!card) throw new Error('no card');
    const certificate = new X509Certificate(card.certificate);
    const issuer = new X509Certificate(card.issuerCertificate);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.checkPrivateKey(card.privateKey)).toBe(true);
    expect(createSecureContext({ key: cardPem(card), cert: cardPem(card) })).toBeDefined();
  });

  test('certifies the names of this machine for its servers', () => {
    const server = new X509Certificate(pki.server.certificate);
    expect(server.checkHost('localhost')).toBeDefined();
    expect(server.checkHost('abc.identidad.localhost')).toBeDefined();
    expect(server.checkHost('example.org')).toBeUndefined();
  });

  test('is made once for a folder, and read again as it was', async () => {
    const place = path.join(folder, 'data');
    const made = await ensureDemoPki(place, now);
    const again = await ensureDemoPki(place, new Date(now.getTime() + 86_400_000));
    expect(again.cards.map(cardPem)).toEqual(made.cards.map(cardPem));
    expect(again.madeAt).toEqual(now);
  });

  test('is made anew before its servers expire, and says so if its file is damaged', async () => {
    const place = path.join(folder, 'old');
    await ensureDemoPki(place, now);
    const later = new Date(now.getTime() + 301 * 86_400_000);
    expect((await ensureDemoPki(place, later)).madeAt).toEqual(later);
    writeFileSync(path.join(place, 'pki.json'), '{"ver');
    await expect(ensureDemoPki(place, later)).rejects.toThrow('delete it, and it is made anew');
  });
});

describe('a card as PKCS#12', () => {
  test.each(['dnie', 'fnmt'] as const)(
    '%s is imported by OpenSSL and Node, and by nobody without the password',
    async (id) => {
      const card = pki.cards.find((one) => one.id === id);
      if (!card) throw new Error('no card');
      const pfx = await cardPkcs12(card);
      const file = path.join(folder, `${id}.p12`);
      writeFileSync(file, pfx);
      const read = (password: string) =>
        execFileSync('openssl', ['pkcs12', '-in', file, '-nodes', '-passin', `pass:${password}`], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      expect(read(pkcs12Password)).toContain('BEGIN PRIVATE KEY');
      expect(read(pkcs12Password).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      expect(() => read('other')).toThrow();
      expect(createSecureContext({ pfx, passphrase: pkcs12Password })).toBeDefined();
      expect(() => createSecureContext({ pfx, passphrase: 'other' })).toThrow();
    },
  );
});
