import type { CertificateProfile } from '../domain/certificates/profiles.ts';
import { parseEmail } from '../domain/identity/email.ts';
import { phoneInGroups } from '../domain/identity/phone-groups.ts';
import type { Language } from '../domain/languages.ts';
import { normaliseTypedText } from '../domain/typed-text.ts';
import { dateText, dateTimeText } from './date-texts.ts';
import { receiptTexts } from './locales.ts';
import { type ListItem, taggedPdf } from './tagged-pdf.ts';

/** The content of the receipt of an activation code. */
export interface Receipt {
  readonly language: Language;
  readonly activationCode: string;
  /** ISO 8601. */
  readonly issuedAt: string;
  readonly nationalId: string;
  readonly name?: string | undefined;
  /** Absent on the receipt of a regenerated code: nothing was declared. */
  readonly declared?: { readonly email: string; readonly phone: string } | undefined;
}

/** Before whom the citizen identified: an office, or nobody, with a certificate. */
export type IdentifiedBefore = { readonly office: string } | { readonly certificate: CertificateProfile };

/**
 * Creates the receipt that a citizen takes home, in their language: who identified them, the declared data, the code, the
 * next steps and how to keep the code. `address`: of the citizens' pages, in that language.
 */
export function receiptDocument(
  receipt: Receipt,
  { address, ...before }: IdentifiedBefore & { readonly address: string },
): Promise<Buffer> {
  const { language, issuedAt, declared } = receipt;
  const t = receiptTexts(language);
  const title = t(declared ? 'title' : 'title-regenerated');
  return taggedPdf({ title, language, at: new Date(issuedAt) }, (document) => {
    document.paragraph(t('issued', { date: dateTimeText(issuedAt, language) }));
    document.paragraph(identifiedBefore(before as IdentifiedBefore, language));
    document.heading(t('data'));
    document.list([
      ...item(t('national-id'), receipt.nationalId),
      ...item(t('name'), receipt.name),
      ...item(t('email'), declared && emailAsStored(declared.email)),
      ...item(t('phone'), declared && phoneInGroups(normaliseTypedText(declared.phone))),
    ]);
    document.heading(t('code'));
    document.code(receipt.activationCode);
    document.paragraph(t('void'));
    document.heading(t('next'));
    const steps = ['step-1', 'step-2', 'step-3'] as const;
    document.list(steps.map((step, index) => ({ label: `${index + 1}. `, text: t(step, { address }) })));
    document.paragraph(t('keep'), true);
    document.paragraph(t('secret'), true);
    document.paragraph(t('blocked'));
  });
}

/** The receipt of a renewal of the five years. Instants in ISO 8601. */
export function renewalReceiptDocument(
  renewal: Pick<Receipt, 'language' | 'issuedAt' | 'nationalId' | 'name'> & { readonly until: string },
  before: IdentifiedBefore,
): Promise<Buffer> {
  const { language, issuedAt, until } = renewal;
  const t = receiptTexts(language);
  return taggedPdf({ title: t('renewal.title'), language, at: new Date(issuedAt) }, (document) => {
    document.paragraph(t('issued', { date: dateTimeText(issuedAt, language) }));
    document.paragraph(identifiedBefore(before, language));
    document.heading(t('data'));
    document.list([...item(t('national-id'), renewal.nationalId), ...item(t('name'), renewal.name)]);
    document.paragraph(t('renewal.until', { date: dateText(until, language) }), true);
  });
}

function identifiedBefore(before: IdentifiedBefore, language: Language): string {
  const t = receiptTexts(language);
  return 'office' in before
    ? t('office', { office: normaliseTypedText(before.office) })
    : t('online', { certificate: t(`certificate.${before.certificate}`) });
}

const item = (name: string, value: string | undefined): ListItem[] =>
  value ? [{ label: `${name}: `, text: normaliseTypedText(value) }] : [];

/** The address as the service stores it, in letters that the typeface has. */
function emailAsStored(typed: string): string {
  const email = parseEmail(typed);
  return email.ok ? email.value : typed;
}
