import { describe, expect, test } from '@jest/globals';
import { Certificate } from 'pkijs';
import { newOcspRequest } from '../../certificates/revocation/ocsp-request.ts';
import { readOcspAnswer } from '../../certificates/revocation/read-ocsp-answer.ts';
import { newResponder } from '../../local/card-reader/pki/authorities.ts';
import { type DemoIssuer, makeDemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { type AnswerOptions, answerOcsp } from '../../local/card-reader/pki/revocation-answers.ts';

const now = new Date('2026-11-29T10:00:00Z');
const minute = 60_000;
const hour = 60 * minute;
const pki = makeDemoPki(now);
const { fnmt, accv } = pki.issuers;
const [card] = pki.cards.filter(({ id }) => id === 'fnmt');
if (!card) throw new Error('no card');
const parsed = (der: Uint8Array): Certificate => Certificate.fromBER(new Uint8Array(der));
const certificate = parsed(card.certificate);
const issuer = parsed(fnmt.issuer.certificate);

/** What is read from an answer of the issuer, by options of the answer and of the question. */
async function statusBy(
  answering: Partial<AnswerOptions> & { by?: Partial<DemoIssuer> } = {},
  asking: { responder?: Certificate; replayed?: boolean } = {},
) {
  const { by = {}, ...options } = answering;
  const { request, nonce } = await newOcspRequest(certificate, issuer);
  const another = await newOcspRequest(certificate, issuer);
  const asked = asking.replayed ? another.request : request;
  const answer = answerOcsp({ ...fnmt, ...by }, asked, { mode: 'ok', now, other: accv, ...options });
  const { responder } = asking;
  const read = await readOcspAnswer(answer, { certificate, issuer, responder, nonce, nowMs: now.getTime() });
  return read?.status;
}

describe('an OCSP answer', () => {
  test('counts if a delegate of the issuer has signed it, the issuer itself, or the one that is fixed', async () => {
    expect(await statusBy()).toBe('good');
    expect(await statusBy({ by: { responder: fnmt.issuer } })).toBe('good');
    expect(await statusBy({}, { responder: parsed(fnmt.responder.certificate) })).toBe('good');
  });

  test('says «revoked» only of what is', async () => {
    const revoked = [{ serial: card.serial, listOnly: false }];
    expect(await statusBy({ by: { revoked } })).toBe('revoked');
    expect(await statusBy({ by: { revoked: [{ serial: card.serial, listOnly: true }] } })).toBeUndefined();
  });

  const stranger = newResponder(accv.issuer, now);
  const expired = newResponder(fnmt.issuer, new Date(now.getTime() - 6 * 365 * 24 * hour));
  const cardAsResponder = { name: {}, certificate: card.certificate, privateKey: card.privateKey };
  const isStale = new Date(now.getTime() - 25 * hour);
  test.each<[string, Parameters<typeof statusBy>]>([
    ['another request was answered', [{}, { replayed: true }]],
    ['a delegate of another issuer has signed', [{ by: { responder: stranger } }]],
    ['a delegate has expired', [{ by: { responder: expired } }]],
    ['a certificate has signed that is not for it', [{ by: { responder: cardAsResponder } }]],
    ['another than the fixed one has signed', [{}, { responder: parsed(fnmt.issuer.certificate) }]],
    ['it is older than a day, though it holds for two', [{ now: isStale, holdsMs: 48 * hour }]],
    ['it no longer holds', [{ now: new Date(now.getTime() - 2 * hour), holdsMs: hour }]],
    ['it begins in ten minutes', [{ now: new Date(now.getTime() + 10 * minute) }]],
    ['it is about another certificate', [{ mode: 'other-serial' }]],
    ['the issuer is asked about what is not its own', [{ by: { issuer: accv.issuer } }]],
  ])('does not count if %s', async (_why, [answering, asking]) => {
    expect(await statusBy(answering, asking)).toBeUndefined();
  });

  test('may begin some minutes ahead, by a clock that differs', async () => {
    expect(await statusBy({ now: new Date(now.getTime() + 5 * minute) })).toBe('good');
  });
});
