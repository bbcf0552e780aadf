import { createRequire } from 'node:module';
import path from 'node:path';
import PDFDocument from 'pdfkit';
import { parseEmail } from '../../domain/identity/email.ts';
import { normaliseTypedText } from '../../domain/typed-text.ts';
import { dateTimeText } from '../../web/views/dates.ts';
import { phoneInGroups } from '../../web/views/phones.ts';
import { localeOf, wordings } from '../../web/views/wording.ts';
import type { Receipt } from './sealed-pages.ts';

// The standard fonts of PDF lack letters that names have: Łukasz, Ștefan.
const fonts = path.join(
  path.dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
  'ttf',
);
const regular = path.join(fonts, 'DejaVuSans.ttf');
const bold = path.join(fonts, 'DejaVuSans-Bold.ttf');
const code = path.join(fonts, 'DejaVuSansMono-Bold.ttf');

/** The files of the typefaces in which a receipt shows what was declared. */
export const receiptTypefaces: readonly string[] = [regular, bold];

const brand = '#7a1230';
// PDF/UA-1: the identifier says that the tags can be relied on. The package's types do not know it.
const pdfUa: object = { subset: 'PDF/UA' };

type Document = InstanceType<typeof PDFDocument>;

/** Who hands a receipt over, and where the citizen goes on with it. */
interface Issuer {
  readonly office: string;
  /** The address of the citizens' pages, in the receipt's language. */
  readonly address: string;
}

/**
 * Creates the receipt that a citizen takes home, in their language: the office, the declared data, the code, the next steps
 * and how to keep the code. A tagged PDF, for screen readers ([RD1112]).
 */
export function receiptDocument(receipt: Receipt, { office, address }: Issuer): Promise<Buffer> {
  const { language } = receipt;
  const t = wordings[language];
  const title = t(receipt.declared ? 'receipt.title' : 'receipt.title-regenerated');
  const document = new PDFDocument({
    size: 'A4',
    margin: 62,
    font: regular,
    pdfVersion: '1.7',
    ...pdfUa,
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

  const list = (items: readonly { label: string; text: string }[]): void => {
    const all = document.struct('L');
    body.add(all);
    for (const { label, text } of items) {
      const item = document.struct('LI');
      all.add(item);
      const plain = () => document.font(regular).fontSize(11).fillColor('#1a1a1a');
      item.add(document.struct('Lbl', {}, () => void plain().text(label, { continued: true, lineGap: 3 })));
      item.add(document.struct('LBody', {}, () => void plain().text(text, { lineGap: 3 }).moveDown(0.3)));
      item.end();
    }
    all.end();
  };

  part('H1', () => void document.font(bold).fontSize(20).fillColor(brand).text(title));
  paragraph(t('receipt.issued', { date: dateTimeText(receipt.issuedAt, language) }));
  paragraph(t('receipt.office', { office: normaliseTypedText(office) }));
  heading(t('receipt.data'));
  list(
    [
      [t('field.nationalId'), receipt.nationalId],
      [t('receipt.name'), receipt.name],
      [t('desk.email'), receipt.declared && emailAsStored(receipt.declared.email)],
      [t('desk.phone'), receipt.declared && phoneInGroups(normaliseTypedText(receipt.declared.phone))],
    ].flatMap(([label, value]) => (value ? { label: `${label}: `, text: normaliseTypedText(value) } : [])),
  );
  heading(t('receipt.code'));
  part('P', () => void boxed(document, receipt.activationCode));
  paragraph(t('receipt.void'));
  heading(t('receipt.next'));
  const steps = ['receipt.step-1', 'receipt.step-2', 'receipt.step-3'] as const;
  list(steps.map((step, index) => ({ label: `${index + 1}. `, text: t(step, { address }) })));
  paragraph(t('receipt.keep'), bold);
  paragraph(t('receipt.secret'), bold);
  paragraph(t('receipt.blocked'));
  body.end();
  document.end();
  return whole;
}

/** The address as the service stores it, in letters that the typeface has. */
function emailAsStored(typed: string): string {
  const email = parseEmail(typed);
  return email.ok ? email.value : typed;
}

const boxed = (document: Document, text: string): Document =>
  document.font(code).fontSize(26).fillColor('#1a1a1a').text(text, { characterSpacing: 3 }).moveDown(0.3);
