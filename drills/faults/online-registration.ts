import { setTimeout as sleep } from 'node:timers/promises';
import { bearer } from '../../client/client.ts';
import { type DemoCard, newCard } from '../../local/card-reader/pki/cards.ts';
import type { DemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { certificatePem } from '../../local/card-reader/pki/issue-certificate.ts';
import { presentCard } from '../../local/card-reader/present-card.ts';
import type { Citizen } from './citizen.ts';
import { otp, type Step } from './steps.ts';
import { must, Violation } from './violation.ts';

const pauseMs = 200;
/** Far longer than any recovery takes. */
const repeatForMs = 60_000;

const tokens = new WeakMap<Citizen, string>();
const cards = new WeakMap<Citizen, DemoCard>();

const pkiOf = ({ environment: { servers } }: Citizen): DemoPki => {
  const { pki } = servers;
  must(pki !== undefined, 'nobody issues cards here');
  return pki;
};

/**
 * Presents a DNIe at the listener. While the listener or the OCSP responder is down no certificate is accepted, and the citizen
 * begins another visit.
 */
const present: Step = {
  name: 'present',
  async prepare(citizen) {
    const recipe = { holder: citizen.data, kind: 'dnie', issuer: 'dnie' } as const;
    cards.set(citizen, newCard('dnie', recipe, pkiOf(citizen).issuers.dnie.issuer, new Date()));
  },
  async act(citizen) {
    const { frontEnd } = citizen.environment.servers;
    const headers = { 'X-Front-End-Key': frontEnd.key };
    const body = { returnUrl: `${frontEnd.url}/en/certificate`, purpose: 'act' } as const;
    for (const end = Date.now() + repeatForMs; Date.now() < end; await sleep(pauseMs)) {
      const { body: ticket } = await citizen.call(201, (api) =>
        api.POST('/certificate-tickets', { body, headers }),
      );
      const code = await codeAfter(citizen, ticket.url);
      if (code === undefined) continue;
      const { body: redeemed } = await citizen.call(201, (api) =>
        api.POST('/certificate-tickets/{id}/redemptions', {
          params: { path: { id: ticket.id } },
          body: { code },
          headers: bearer(ticket.token),
        }),
      );
      must(redeemed.identity.nationalId === citizen.data.nationalId, 'a certificate of somebody else');
      tokens.set(citizen, redeemed.certificateToken);
      return;
    }
    throw new Violation('no certificate is accepted within a minute');
  },
};

/** The code with which the listener sends the browser back; undefined if the citizen has to begin another visit. @throws Violation */
async function codeAfter(citizen: Citizen, url: string): Promise<string | undefined> {
  const { answers, lost } = citizen.client;
  const entry = { atMs: 0, repeats: 0 };
  answers.push(entry);
  const card = cards.get(citizen);
  must(card !== undefined, 'no card');
  const authority = certificatePem(pkiOf(citizen).server.root.certificate);
  const presented = await presentCard(new URL(url), card, authority).catch((error: Error) => error);
  entry.atMs = performance.now();
  const location = presented instanceof Error ? undefined : presented.location;
  const { searchParams } = new URL(location ?? 'http://localhost');
  const code = searchParams.get('code');
  if (code !== null) return code;
  const problem = searchParams.get('problem');
  must(problem === null || problem === 'revocation-unknown', `a certificate is refused as ${problem}`);
  const cause = presented instanceof Error ? presented.message : (problem ?? presented.status);
  lost.push(`the listener: ${cause}`);
  entry.repeats += 1;
  return undefined;
}

const begin: Step = {
  name: 'begin',
  async act(citizen) {
    const { email, phone, language } = citizen.data;
    const headers = bearer(tokens.get(citizen) ?? '');
    const { body } = await citizen.call(201, (api) =>
      api.POST('/registrations/online', { body: { email, phone, language, accepted: true }, headers }),
    );
    citizen.journeyStarted(body);
    citizen.expectAudit('journey-begun registration');
  },
};

const markRegistered = (citizen: Citizen) =>
  citizen.expectAudit('citizen-registered false dnie', 'notice-sent registered-online');
const enterOtp = otp('registration', 'registered', markRegistered);

/** The SMS code that proves the phone: with it the citizen is there. */
const enterLastOtp: Step = {
  ...enterOtp,
  async act(citizen) {
    await enterOtp.act(citizen);
    const [row] = await citizen.environment.store.rows<{ id: string }>(
      'SELECT id FROM "Citizen" WHERE "nationalId" = $1',
      [citizen.data.nationalId],
    );
    citizen.id = row?.id ?? '';
  },
};

/** From a certificate to an activation code. */
export const onlineRegistration: readonly Step[] = [present, begin, enterLastOtp];
