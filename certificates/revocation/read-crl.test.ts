import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Certificate } from 'pkijs';
import { distinguishedName } from '../../local/card-reader/pki/certificate-names.ts';
import { makeDemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { boolean, type Der, integer, octets, oid, sequence, time } from '../../local/card-reader/pki/der.ts';
import { algorithmOf, signed } from '../../local/card-reader/pki/issue-certificate.ts';
import { currentCrl } from '../../local/card-reader/pki/revocation-answers.ts';
import { readCrl } from './read-crl.ts';
import { splitCrl } from './split-crl.ts';

const now = new Date('2026-11-29T10:00:00Z');
const pki = makeDemoPki(now);
const { fnmt, accv } = pki.issuers;
const parsed = (der: Uint8Array) => Certificate.fromBER(new Uint8Array(der));
const issuer = parsed(fnmt.issuer.certificate);
const card = pki.cards.find(({ id }) => id === 'fnmt')?.certificate ?? Buffer.alloc(0);
const certificate = parsed(card);
const cardSerial = new X509Certificate(card).serialNumber;

const statusIn = async (list: Uint8Array) =>
  (await readCrl(list, { issuer, nowMs: now.getTime() }))?.statusOf(certificate).status;
const listOf = (serials: readonly string[]) =>
  currentCrl(
    { ...fnmt, revoked: serials.map((serial) => ({ serial, listOnly: true })) },
    { mode: 'ok', now, other: accv },
  );
const otherSerials = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    createHash('sha256').update(`${index}`).digest('hex').slice(2, 32),
  );

describe('a list of revoked certificates', () => {
  test.each([0, 1, 3, 20_000])('says of a certificate whether it is among %i others', async (count) => {
    const others = otherSerials(count);
    expect(await statusIn(listOf(others))).toBe('good');
    expect(await statusIn(listOf([...others, cardSerial]))).toBe('revoked');
    expect(await statusIn(listOf([cardSerial, ...others]))).toBe('revoked');
  });

  test('of which any octet was changed, or the end is missing, is none', async () => {
    const list = listOf([cardSerial]);
    for (let at = 0; at < list.length; at += 1) {
      const changed = Buffer.from(list);
      changed[at] = (changed[at] ?? 0) ^ 0x11;
      expect([at, await statusIn(changed)]).toEqual([at, undefined]);
      expect([at, await statusIn(list.subarray(0, at))]).toEqual([at, undefined]);
    }
    expect(await statusIn(Buffer.concat([list, Buffer.from([0])]))).toBeUndefined();
  });

  test('of an issuer with another name is rejected, though signed with the right key', async () => {
    const renamed = { ...fnmt, issuer: { ...fnmt.issuer, name: accv.issuer.name } };
    expect(await statusIn(currentCrl(renamed, { mode: 'ok', now, other: accv }))).toBeUndefined();
  });

  test('with more elements than a list has is rejected at the first one too many', async () => {
    const many = Array.from({ length: 8 }, () => sequence());
    for (const list of [sequence(...many), sequence(sequence(...many), sequence(), sequence())])
      expect(() => splitCrl(list)).toThrow('too many elements');
  });

  test('is rejected if an entry has a critical extension', async () => {
    const withExtensions = (...extensions: readonly Der[]) => {
      const { privateKey, name } = fnmt.issuer;
      const entry = sequence(integer(1), time(now), sequence(...extensions));
      return signed(
        privateKey,
        sequence(
          ...[integer(1), algorithmOf(privateKey), distinguishedName(name)],
          ...[time(now), time(new Date(now.getTime() + 3_600_000)), sequence(entry)],
        ),
      );
    };
    const reason = [oid('2.5.29.21'), octets(Buffer.from([0x0a, 1, 1]))];
    expect(await statusIn(withExtensions(sequence(...reason)))).toBe('good');
    const certificateIssuer = sequence(oid('2.5.29.29'), boolean(true), octets(sequence()));
    expect(await statusIn(withExtensions(sequence(...reason), certificateIssuer))).toBeUndefined();
  });
});
