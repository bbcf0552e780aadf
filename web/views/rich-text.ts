import nunjucks from 'nunjucks';

const { escape: escapeHtml } = nunjucks.lib as unknown as { escape(text: string): string };

/**
 * A text as HTML, in which `[words](target)` becomes a link. A target is the name of a page, which `addressOf` resolves,
 * or a `mailto:` or `tel:` address. Everything else is escaped. @throws what `addressOf` throws for an unknown page
 */
export const richText = (text: string, addressOf: (page: string) => string): string =>
  escapeHtml(text).replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, words: string, target: string) => {
    const address = /^(mailto|tel):[^"<>\s]+$/.test(target) ? target : addressOf(target);
    return `<a class="govuk-link" href="${address}">${words}</a>`;
  });
