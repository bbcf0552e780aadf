import express, { type Response } from 'express';
import { withVisitor } from '../visitor/visitor.ts';
import { openReceipt } from './receipt.ts';
import { receiptDocument } from './receipt-document.ts';

/** Downloads the receipt as a PDF, from the page that shows the code. Unlike other requests it does not keep the desk open. */
export const receipt = express.Router().post(
  '/desk/receipt',
  withVisitor(async (visitor, _request, response) => {
    const desk = visitor.readCookie('desk');
    if (!desk || desk.untilMs < Date.now()) return visitor.redirectToPage('desk-sign-in', '?ended=1');
    const content = openReceipt(visitor, desk.key);
    if (!content) {
      const errors = [{ text: visitor.t('desk.receipt-lost') }];
      return visitor.render('desk/citizen.njk', { errors }, 422);
    }
    sendPdf(await receiptDocument(content), response);
  }),
);

const sendPdf = (document: Buffer, response: Response): void =>
  void response
    .set({ 'Content-Disposition': 'attachment; filename="clave.pdf"', 'X-Robots-Tag': 'noindex' })
    .type('application/pdf')
    .send(document);
