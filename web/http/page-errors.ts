import type { ErrorRequestHandler, Request, Response } from 'express';
import type { Logger } from '../../platform/log.ts';

interface ErrorPages {
  readonly formNotTaken: string;
  readonly notFound: string;
  readonly unavailable: string;
}

/** Answers a failed request with a page. `templates`: those of the front-end. */
export const handlePageErrors =
  (
    log: Logger,
    templates: ErrorPages,
    pageOf: (
      request: Request,
      response: Response,
    ) => { render(template: string, data: Record<string, never>, status: number): void },
  ): ErrorRequestHandler =>
  (error: { status?: number; code?: string }, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const page = pageOf(request, response);
    if (error.code === 'FORGED_FORM') return page.render(templates.formNotTaken, {}, 403);
    const status = error.status ?? 500;
    const template = request.method === 'POST' ? templates.formNotTaken : templates.notFound;
    if (status < 500) return page.render(template, {}, status);
    log.error({ err: error }, 'a page failed');
    try {
      page.render(templates.unavailable, {}, 503);
    } catch (cause) {
      log.error({ err: cause }, 'the page that says so failed');
      response.status(503).type('text').send('Cl@ve');
    }
  };
