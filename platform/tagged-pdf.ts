import PDFDocument from 'pdfkit';
import { type Language, localeOf } from '../domain/languages.ts';
import { typeface, typefaces } from './typefaces.ts';

const brand = '#7a1230';
const ink = '#1a1a1a';
// PDF/UA-1: the identifier says that the tags can be relied on. The package's types do not know it.
const pdfUa: object = { subset: 'PDF/UA' };

/** An item of a list: a number or the name of a value, and the text. */
export interface ListItem {
  readonly label: string;
  readonly text: string;
}

/** A file that travels in the document. */
interface Attachment {
  readonly name: string;
  readonly description: string;
  readonly content: Buffer;
}

/** Writes the parts of a document, from the top down, each with its tag for screen readers. */
export interface DocumentWriter {
  heading(text: string): void;
  paragraph(text: string, isStrong?: boolean): void;
  list(items: readonly ListItem[]): void;
  /** Large and in letters of one width: an activation code, to be copied. */
  code(text: string): void;
  attach(attachment: Attachment): void;
}

/** A tagged A4 document with a title, for print and for screen readers ([RD1112], PDF/UA-1). `at`: when it says that it was made. */
export function taggedPdf(
  { title, language, at }: { title: string; language: Language; at: Date },
  write: (writer: DocumentWriter) => void,
): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margin: 62,
    // Each part sets its own.
    font: '',
    pdfVersion: '1.7',
    ...pdfUa,
    tagged: true,
    displayTitle: true,
    lang: localeOf(language),
    info: { Title: title, Author: 'Cl@ve', CreationDate: at, ModDate: at },
  });
  // The package takes an opened typeface, too, which its types do not know.
  for (const name of typefaces) document.registerFont(name, typeface(name) as unknown as string);
  const chunks: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  const body = document.struct('Document');
  document.addStructure(body);
  const part = (type: string, writePart: () => void): void => {
    body.add(document.struct(type, {}, writePart));
  };
  part('H1', () => void document.font('bold').fontSize(20).fillColor(brand).text(title));
  write({
    heading: (text) =>
      part('H2', () => {
        document.moveDown(0.9).font('bold').fontSize(13).fillColor(brand).text(text).moveDown(0.3);
      }),
    paragraph: (text, isStrong = false) =>
      part('P', () => {
        const font = document.font(isStrong ? 'bold' : 'regular');
        font.fontSize(11).fillColor(ink).text(text, { lineGap: 3 }).moveDown(0.3);
      }),
    list: (items) => body.add(listOf(document, items)),
    code: (text) =>
      part('P', () => {
        document
          .font('fixed-width')
          .fontSize(26)
          .fillColor(ink)
          .text(text, { characterSpacing: 3 })
          .moveDown(0.3);
      }),
    attach: ({ name, description, content }) => {
      document.file(content, {
        name,
        description,
        type: 'application/octet-stream',
        creationDate: at,
        modifiedDate: at,
      });
    },
  });
  body.end();
  document.end();
  return whole;
}

function listOf(document: InstanceType<typeof PDFDocument>, items: readonly ListItem[]) {
  const list = document.struct('L');
  for (const { label, text } of items) {
    const item = document.struct('LI');
    list.add(item);
    const plain = () => document.font('regular').fontSize(11).fillColor(ink);
    item.add(document.struct('Lbl', {}, () => void plain().text(label, { continued: true, lineGap: 3 })));
    item.add(document.struct('LBody', {}, () => void plain().text(text, { lineGap: 3 }).moveDown(0.3)));
    item.end();
  }
  list.end();
  return list;
}
