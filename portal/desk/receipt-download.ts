import express, { type Response } from 'express';
import { withPageRequest } from '../page-request/page-request.ts';
import { openReceipt } from './receipt.ts';
import { receiptDocument } from './receipt-document.ts';

/** Downloads the receipt as a PDF, from the page that shows the code. Unlike other requests it does not keep the desk open. */
export const receipt = express.Router().post(
  '/desk/receipt',
  withPageRequest(async (page, _request, response) => {
    const desk = page.readCookie('desk');
    if (!desk || desk.untilMs < Date.now()) return page.redirectToPage('desk-sign-in', '?ended=1');
    const content = openReceipt(page, desk.key);
    if (!content) {
      const errors = [{ text: page.t('desk.receipt-lost') }];
      return page.render('desk/citizen.njk', { errors }, 422);
    }
    sendPdf(await receiptDocument(content), response);
  }),
);

const sendPdf = (document: Buffer, response: Response): void =>
  void response
    .set({ 'Content-Disposition': 'attachment; filename="clave.pdf"', 'X-Robots-Tag': 'noindex' })
    .type('application/pdf')
    .send(document);
