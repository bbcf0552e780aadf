import express, { type Response } from 'express';
import { receiptDocument } from '../../platform/receipt-document.ts';
import { type OfficerHandler, renderDesk, requireOfficer } from './desk-session.ts';
import { openPage } from './sealed-pages.ts';

const renderCode: OfficerHandler = (page, desk, request) => {
  const { id } = request.params;
  const sealed = openPage(page, desk, 'code', id);
  if (!sealed) return renderDesk(page, desk, 'code-lost', {}, 404);
  renderDesk(page, desk, 'code', { id, receipt: sealed.receipt, again: sealed.again });
};

const printReceipt: OfficerHandler = async (page, desk, request, response) => {
  const sealed = openPage(page, desk, 'code', request.params['id']);
  if (!sealed) return renderDesk(page, desk, 'code-lost', {}, 404);
  const address = page.absoluteAddress('home', sealed.receipt.language);
  sendPdf(await receiptDocument(sealed.receipt, { office: desk.officer.office, address }), response);
};

/** Opens in the browser's viewer, to be printed: nothing is left in the folder of downloads. */
const sendPdf = (document: Buffer, response: Response): void =>
  void response
    .set({
      'Content-Disposition': 'inline; filename="clave.pdf"',
      // A viewer is an embedded object.
      'Content-Security-Policy': "default-src 'none'; object-src 'self'; frame-ancestors 'none'",
      'X-Robots-Tag': 'noindex',
    })
    .type('application/pdf')
    .send(document);

/** The page that shows an activation code to the officer who had it issued, for an hour, and its receipt. */
export const code = express
  .Router()
  .get('/desk/code/:id', requireOfficer(renderCode))
  .get('/desk/code/:id/receipt', requireOfficer(printReceipt));
