import { X509Certificate } from 'node:crypto';
import { PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib';
import { cadesSignature, type SealKey } from './cades-signature.ts';

/** Bytes of the signature's place in the document: a chain of three certificates takes about 5,000. */
const reservedBytes = 12_000;
/** As wide as the largest offset of a document. */
const unsetOffset = 9_999_999_999;
// Hidden and locked: nothing to see, so nothing that a screen reader has to say ([PDF/UA] 7.18.1).
const hiddenAndLocked = 130;

/**
 * Seals a document: a signature in a further section of the file, so that every byte before it stays ([PAdES] baseline
 * B-B, ETSI.CAdES.detached). `at`: the time that the signature claims.
 */
export async function sealPdf(pdf: Buffer, seal: SealKey, at: Date): Promise<Buffer> {
  const prepared = await withPlaceForSignature(pdf, seal, at);
  const place = signaturePlace(prepared);
  const signature = cadesSignature(
    Buffer.concat([prepared.subarray(0, place.start), prepared.subarray(place.end)]),
    seal,
  );
  const hex = signature.toString('hex');
  if (hex.length > place.end - place.start - 2) throw new RangeError('the signature exceeds its place');
  prepared.write(hex, place.start + 1, 'latin1');
  return prepared;
}

async function withPlaceForSignature(pdf: Buffer, { certificates }: SealKey, at: Date): Promise<Buffer> {
  const document = await PDFDocument.load(pdf, { forIncrementalUpdate: true, updateMetadata: false });
  const { context, catalog } = document;
  const signature = context.register(
    context.obj({
      Type: 'Sig',
      Filter: 'Adobe.PPKLite',
      SubFilter: 'ETSI.CAdES.detached',
      ByteRange: [0, unsetOffset, unsetOffset, unsetOffset],
      Contents: PDFHexString.of('0'.repeat(2 * reservedBytes)),
      M: PDFString.fromDate(at),
      Name: PDFHexString.fromText(nameOf(certificates[0])),
    }),
  );
  const page = document.getPage(0);
  const widget = context.register(
    context.obj({
      ...{ Type: 'Annot', Subtype: 'Widget', FT: 'Sig', F: hiddenAndLocked, Rect: [0, 0, 0, 0] },
      ...{ T: PDFString.of('Seal'), V: signature, P: page.ref },
    }),
  );
  page.node.addAnnot(widget);
  catalog.set(PDFName.of('AcroForm'), context.obj({ SigFlags: 3, Fields: [widget] }));
  return Buffer.from(await document.save({ useObjectStreams: false }));
}

/** The common name of a certificate's holder. */
const nameOf = (certificate: Buffer): string =>
  /^CN=(.+)$/m.exec(new X509Certificate(certificate).subject)?.[1] ?? '';

/** Finds the place of the signature and writes the ranges around it: `start` and `end` enclose the hexadecimal string. */
function signaturePlace(prepared: Buffer): { start: number; end: number } {
  const start = prepared.lastIndexOf(`<${'0'.repeat(2 * reservedBytes)}>`, undefined, 'latin1');
  const end = start + 2 * reservedBytes + 2;
  const unset = rangeText([0, unsetOffset, unsetOffset, unsetOffset]);
  const at = prepared.lastIndexOf(unset, undefined, 'latin1');
  if (start < 0 || at < 0) throw new Error('the document has no place for a signature');
  const range = rangeText([0, start, end, prepared.length - end]);
  prepared.write(range.padEnd(unset.length, ' '), at, 'latin1');
  return { start, end };
}

const rangeText = (numbers: readonly number[]): string => `[ ${numbers.join(' ')} ]`;
