import { createHash, verify, X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { fromBER } from 'asn1js';
import { ContentInfo, SignedData } from 'pkijs';
import { testSealKey } from '../test/environment/seal-key.ts';
import { sealPdf } from './pdf-seal.ts';
import { taggedPdf } from './tagged-pdf.ts';

const at = new Date('2026-11-29T10:00:00Z');
const document = () =>
  taggedPdf({ title: 'A title', language: 'es', at }, (writer) => writer.paragraph('A text'));

/** What the signature of a sealed document covers, and the signature. */
function partsOf(sealed: Buffer) {
  const [, ...numbers] = /\/ByteRange \[ (\d+) (\d+) (\d+) (\d+) *\]/.exec(sealed.toString('latin1')) ?? [];
  const [start = 0, length = 0, next = 0, rest = 0] = numbers.map(Number);
  const hex = sealed.subarray(length + 1, next - 1).toString('latin1');
  const der = Buffer.from(hex, 'hex');
  const covered = Buffer.concat([sealed.subarray(start, length), sealed.subarray(next, next + rest)]);
  const cms = fromBER(
    der.buffer.slice(der.byteOffset, der.byteOffset + der.byteLength) as ArrayBuffer,
  ).result;
  const signedData = new SignedData({ schema: new ContentInfo({ schema: cms }).content });
  return { covered, end: next + rest, signedData };
}

test('a seal covers the whole document but for itself, and leaves every byte of what was sealed', async () => {
  const pdf = await document();
  const sealed = await sealPdf(pdf, await testSealKey(), at);
  const { covered, end, signedData } = partsOf(sealed);
  expect(sealed.subarray(0, pdf.length).equals(pdf)).toBe(true);
  expect(end).toBe(sealed.length);
  const [signer] = signedData.signerInfos;
  const attributes = signer?.signedAttrs?.attributes ?? [];
  const digest = attributes.find(({ type }) => type === '1.2.840.113549.1.9.4')?.values[0];
  expect(
    Buffer.from(digest.valueBlock.valueHexView).equals(createHash('sha256').update(covered).digest()),
  ).toBe(true);
});

test('a seal names the certificate of the service, and is made with its key', async () => {
  const seal = await testSealKey();
  const { signedData } = partsOf(await sealPdf(await document(), seal, at));
  const [signer] = signedData.signerInfos;
  const signed = Buffer.from(signer?.signedAttrs?.encodedValue ?? new ArrayBuffer(0));
  const signature = Buffer.from(signer?.signature.valueBlock.valueHexView ?? []);
  const { publicKey } = new X509Certificate(seal.certificates[0]);
  expect(verify('sha256', signed, publicKey, signature)).toBe(true);
  const binding = signer?.signedAttrs?.attributes.find(({ type }) => type === '1.2.840.113549.1.9.16.2.47');
  const fingerprint = createHash('sha256').update(seal.certificates[0]).digest();
  expect(Buffer.from(binding?.values[0].toBER()).includes(fingerprint)).toBe(true);
});

test('a sealed document keeps its tags and its PDF/UA identifier, and its signature is hidden from readers', async () => {
  const raw = (await sealPdf(await document(), await testSealKey(), at)).toString('latin1');
  expect(raw).toContain('<pdfuaid:part>1</pdfuaid:part>');
  expect(raw).toContain('/SubFilter /ETSI.CAdES.detached');
  expect(raw).toMatch(/\/F 130\b/);
});
