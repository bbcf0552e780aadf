import { setTimeout as sleep } from 'node:timers/promises';
import { requestRowId } from '../../gateway/flow/request-log.ts';
import type { Citizen } from './citizen.ts';
import { answerIn, authorizationRequest, redeem } from './relying-party.ts';
import { hasErrors, RepeatingBrowser } from './repeating-browser.ts';
import type { Step } from './steps.ts';
import { must } from './violation.ts';

/** One request of the relying party, in the browser of a citizen. */
interface Flow {
  readonly id: string;
  readonly browser: RepeatingBrowser;
  readonly verifier: string;
  code?: string;
}
const flows = new WeakMap<Citizen, Flow>();
const receivedOtps = new WeakMap<Citizen, string>();
/** How often a citizen has identified: again, where the answer with the code was lost. */
const identified = new WeakMap<Citizen, number>();

function flowOf(citizen: Citizen): Flow {
  const flow = flows.get(citizen);
  must(flow !== undefined, 'no request');
  return flow;
}

/** Only after an answer was lost a request may be over: the citizen begins again. */
const mustHaveLost = ({ client }: Citizen, what: string): void =>
  must(client.lost.length > 0, `${what}, though no answer was lost`);

export const request = (level: 'low' | 'substantial'): Step => ({
  name: 'request',
  async act(citizen) {
    const { party, servers } = citizen.environment;
    const browser = new RepeatingBrowser(citizen.client, servers.gatewayUrl ?? '');
    const { address, verifier } = authorizationRequest(party, level);
    const page = await browser.open(address);
    const [, id] = /\/identify\/([\w-]+)$/.exec(browser.at) ?? [];
    must(
      id !== undefined && page.text.includes('name="nationalId"'),
      `a request is answered ${page.status} without a form`,
    );
    flows.set(citizen, { id, browser, verifier });
  },
});

export const signInWith = (means: 'password' | 'password-sms'): Step => ({
  name: 'sign-in',
  async act(citizen) {
    const { browser } = flowOf(citizen);
    const { nationalId } = citizen.data;
    await browser.submit({ nationalId, password: citizen.password ?? '', means });
    if (means === 'password') {
      must(browser.at.endsWith('/confirmation'), 'the password leads to no confirmation');
      citizen.expectAudit('signed-in basic');
      return;
    }
    must(browser.at.endsWith('/journey'), 'the password leads to no SMS code');
    const [journey] = await citizen.environment.store.rows<{ id: string }>(
      `SELECT id FROM "Journey" WHERE "citizenId" = $1::uuid AND kind = 'sign-in' ORDER BY "startedAt" DESC LIMIT 1`,
      [citizen.id],
    );
    must(journey !== undefined, 'no journey');
    // Its token is in the browser's cookie.
    citizen.journey = { id: journey.id, token: '', kind: 'sign-in', smsSent: 1 };
    citizen.journeysStarted += 1;
    citizen.expectAudit('journey-begun sign-in');
  },
});

/** Too early, the page comes back with an error, until the code's `resendAfter`. @throws Violation */
const resend = async (citizen: Citizen): Promise<void> => {
  const { browser } = flowOf(citizen);
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(250))
    if (!hasErrors(await browser.submitOnce({ action: 'resend' }))) return;
  must(false, 'a code that was lost is not sent again within half a minute');
};

export const enterOtp: Step = {
  name: 'otp',
  prepare: async (citizen) => void receivedOtps.set(citizen, await citizen.otp(() => resend(citizen))),
  async act(citizen) {
    const { browser } = flowOf(citizen);
    await browser.submit({ action: 'otp', otp: receivedOtps.get(citizen) ?? '' });
    must(browser.at.endsWith('/confirmation'), 'the SMS code leads to no confirmation');
    citizen.journey = undefined;
    citizen.expectAudit('otp-accepted', 'journey-finished sign-in signed-in', 'signed-in substantial');
  },
};

export const confirm: Step = {
  name: 'confirm',
  async act(citizen) {
    const flow = flowOf(citizen);
    const { location, status } = await flow.browser.submit({});
    identified.set(citizen, (identified.get(citizen) ?? 0) + 1);
    citizen.expectAudit('identified');
    await hasOutcome(citizen, flow, 'succeeded');
    const answer = answerIn(citizen.environment.party, location);
    const code = answer?.get('code');
    if (code) {
      flow.code = code;
      return;
    }
    mustHaveLost(citizen, `a confirmation is answered ${status} ${answer?.get('error') ?? ''}`);
    await untilCode(citizen);
  },
};

/** The whole way once more, in a new browser. */
async function untilCode(citizen: Citizen): Promise<void> {
  for (const step of [request('substantial'), signInWith('password-sms'), enterOtp, confirm]) {
    await step.prepare?.(citizen);
    await step.act(citizen);
  }
}

export const redeemCode: Step = {
  name: 'redeem',
  async act(citizen) {
    const { verifier, code = '' } = flowOf(citizen);
    const whom = await redeem(citizen.environment.party, { code, verifier }, citizen.client);
    if (whom !== undefined) return must(whom === citizen.data.nationalId, 'somebody else is identified');
    await untilCode(citizen);
    await redeemCode.act(citizen);
  },
};

export const cancel: Step = {
  name: 'cancel',
  async act(citizen) {
    const flow = flowOf(citizen);
    const { gatewayUrl } = citizen.environment.servers;
    const leave = `${gatewayUrl}/identify/${flow.id}/leave`;
    const { location, status } = await flow.browser.submit({ reason: 'cancelled' }, leave);
    const error = answerIn(citizen.environment.party, location)?.get('error');
    if (error !== 'access_denied') mustHaveLost(citizen, `a cancellation is answered ${status} ${error}`);
    await hasOutcome(citizen, flow, 'cancelled');
    // The session ends by its idle limit if the API is away.
    citizen.expectAuditUpTo('signed-out', 0, 1);
  },
};

async function hasOutcome(citizen: Citizen, { id }: Flow, outcome: string): Promise<void> {
  const [row] = await citizen.environment.store.rows<{ outcome: string | null }>(
    'SELECT outcome FROM "IdentificationRequest" WHERE id = $1::uuid',
    [requestRowId(id)],
  );
  must(row?.outcome === outcome, `a request has the outcome ${row?.outcome}, not ${outcome}`);
}

/** Each identification has ended its session and has one code at most, and there is none that nobody has confirmed. */
export const nothingHalfDone: Step = {
  name: 'rows',
  async act(citizen) {
    const [rows] = await citizen.environment.store.rows<Record<'made' | 'codes' | 'sessions', number>>(
      `SELECT
        (SELECT count(*)::int FROM "Identification" WHERE "citizenId" = $1::uuid) AS made,
        (SELECT coalesce(max(n), 0)::int FROM (
          SELECT count(*) AS n FROM "OidcArtefact" code JOIN "Identification" identification
            ON identification.id::text = split_part(code.payload->>'accountId', '.', 1)
          WHERE code.kind = 'AuthorizationCode' AND identification."citizenId" = $1::uuid
          GROUP BY identification.id) codes) AS codes,
        (SELECT count(*)::int FROM "Session" WHERE "citizenId" = $1::uuid AND "relyingPartyId" IS NOT NULL) AS sessions`,
      [citizen.id],
    );
    const { made = 0, codes = 0, sessions = 0 } = rows ?? {};
    const expected = identified.get(citizen) ?? 0;
    must(made === expected, `${made} identifications, ${expected} were confirmed`);
    must(codes <= 1, `${codes} codes for one identification`);
    must(sessions === 0, `${sessions} sessions for the relying party are left`);
  },
};
