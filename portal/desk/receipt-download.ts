import express, { type Response } from 'express';
import { withVisitor } from '../visitor/visitor.ts';
import { openReceipt } from './receipt.ts';
import { receiptDocument } from './receipt-document.ts';

/** The receipt as a document, for whoever has the page with the code and the desk open. */
export const receipt = express.Router().post(
  '/desk/receipt',
  withVisitor(async (visitor, _request, response) => {
    const open = visitor.readCookie('desk');
    if (!open || open.untilMs < Date.now()) return visitor.redirectToPage('desk-sign-in', '?ended=1');
    const content = openReceipt(visitor, open.key);
    if (!content) {
      const errors = [{ text: visitor.t('desk.receipt-lost') }];
      return visitor.render('desk/citizen.njk', { errors }, 422);
    }
    send(await receiptDocument(content), response);
  }),
);

const send = (document: Buffer, response: Response): void =>
  void response
    .set({ 'Content-Disposition': 'attachment; filename="clave.pdf"', 'X-Robots-Tag': 'noindex' })
    .type('application/pdf')
    .send(document);
