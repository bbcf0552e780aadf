import { createRequire } from 'node:module';
import path from 'node:path';
import PDFDocument from 'pdfkit';
import { dateTimeText } from '../views/dates.ts';
import { localeOf, wordings } from '../views/wording.ts';
import type { Receipt } from './sealed-pages.ts';

// The standard fonts of PDF lack letters that names have: Łukasz, Ștefan, Νίκος.
const fonts = path.join(
  path.dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
  'ttf',
);
const regular = path.join(fonts, 'DejaVuSans.ttf');
const bold = path.join(fonts, 'DejaVuSans-Bold.ttf');
const code = path.join(fonts, 'DejaVuSansMono-Bold.ttf');
const brand = '#7a1230';

type Document = InstanceType<typeof PDFDocument>;

/**
 * Creates the receipt that a citizen takes home, in their language: the declared data, the code, the next steps and how to
 * keep the code. A tagged PDF, for screen readers ([RD1112]).
 */
export function receiptDocument(receipt: Receipt): Promise<Buffer> {
  const { language } = receipt;
  const t = wordings[language];
  const title = t(receipt.declared ? 'receipt.title' : 'receipt.title-regenerated');
  const document = new PDFDocument({
    size: 'A4',
    margin: 62,
    font: regular,
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    lang: localeOf(language),
    info: { Title: title, Author: 'Cl@ve' },
  });
  const chunks: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  const body = document.struct('Document');
  document.addStructure(body);
  const part = (type: string, write: () => void): void => {
    body.add(document.struct(type, {}, write));
  };
  const heading = (text: string) =>
    part(
      'H2',
      () => void document.moveDown(0.9).font(bold).fontSize(13).fillColor(brand).text(text).moveDown(0.3),
    );
  const paragraph = (text: string, font = regular) =>
    part(
      'P',
      () =>
        void document.font(font).fontSize(11).fillColor('#1a1a1a').text(text, { lineGap: 3 }).moveDown(0.3),
    );

  part('H1', () => void document.font(bold).fontSize(20).fillColor(brand).text(title));
  paragraph(t('receipt.issued', { date: dateTimeText(receipt.issuedAt, language) }));
  heading(t('receipt.data'));
  for (const [label, value] of [
    [t('field.nationalId'), receipt.nationalId],
    [t('receipt.name'), receipt.name],
    [t('desk.email'), receipt.declared?.email],
    [t('desk.phone'), receipt.declared?.phone],
  ])
    if (value) paragraph(`${label}: ${value}`);
  heading(t('receipt.code'));
  part('P', () => void boxed(document, receipt.activationCode));
  paragraph(t('receipt.void'));
  heading(t('receipt.next'));
  for (const [index, step] of (['receipt.step-1', 'receipt.step-2', 'receipt.step-3'] as const).entries())
    paragraph(`${index + 1}. ${t(step)}`);
  paragraph(t('receipt.keep'), bold);
  paragraph(t('receipt.secret'), bold);
  paragraph(t('receipt.blocked'));
  body.end();
  document.end();
  return whole;
}

const boxed = (document: Document, text: string): Document =>
  document.font(code).fontSize(26).fillColor('#1a1a1a').text(text, { characterSpacing: 3 }).moveDown(0.3);
