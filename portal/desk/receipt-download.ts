import express, { type Response } from 'express';
import { forVisitor } from '../visitor/visitor.ts';
import { openReceipt } from './receipt.ts';
import { receiptDocument } from './receipt-document.ts';

/** The receipt as a document, for whoever has the page with the code and the desk open. */
export const receipt = express.Router().post(
  '/desk/receipt',
  forVisitor(async (visitor, _request, response) => {
    const open = visitor.kept('desk');
    if (!open || open.untilMs < Date.now()) return visitor.goTo('desk-sign-in', '?ended=1');
    const content = openReceipt(visitor, open.key);
    if (!content) {
      const errors = [{ text: visitor.say('desk.receipt-lost') }];
      return visitor.show('desk/citizen.njk', { errors }, 422);
    }
    send(await receiptDocument(content), response);
  }),
);

const send = (document: Buffer, response: Response): void =>
  void response
    .set({ 'Content-Disposition': 'attachment; filename="clave.pdf"', 'X-Robots-Tag': 'noindex' })
    .type('application/pdf')
    .send(document);
