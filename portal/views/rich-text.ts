import nunjucks from 'nunjucks';
import { addressOfPage, type PageName, pages } from '../pages.ts';

const { escape: escaped } = nunjucks.lib as unknown as { escape(text: string): string };

/**
 * A text with links to our own pages, `[words](page)`, and to the addresses that it is filled in with (`mailto:`, `tel:`),
 * as HTML. Everything else is escaped. @throws RangeError for a page that is not there.
 */
export const richText = (text: string, language: string): string =>
  escaped(text).replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, words: string, target: string) => {
    if (/^(mailto|tel):[^"<>\s]+$/.test(target)) return `<a class="govuk-link" href="${target}">${words}</a>`;
    if (!Object.hasOwn(pages, target)) throw new RangeError(`no page ${target}`);
    return `<a class="govuk-link" href="${addressOfPage(target as PageName, language)}">${words}</a>`;
  });
