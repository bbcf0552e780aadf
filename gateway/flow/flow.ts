import type { Request, RequestHandler, Response } from 'express';
import type { FormError } from '../../web/forms/form-errors.ts';
import { readSealedEntry, writeSealedEntry } from '../../web/http/sealed-cookie.ts';
import { type FlowState, flowCookie, type StepErrors } from './flow-cookies.ts';
import { FlowRequest, type PageDependencies } from './flow-request.ts';
import {
  addressOfRequest,
  type CompletedIdentification,
  type Failure,
  type IdentificationRequest,
  type IdentificationRequests,
} from './identification-request.ts';

export interface FlowDependencies extends PageDependencies {
  readonly requests: IdentificationRequests;
}

/** The pages of a flow, below the address of its request. */
export type FlowStep = '' | '/journey' | '/certificate' | '/confirmation' | '/leave';

type Changes = {
  readonly [Key in Exclude<keyof FlowState, 'party' | 'expiresAtMs'>]?: FlowState[Key] | undefined;
};

/** One identification in one browser, at one of its pages. */
export interface Flow {
  readonly page: FlowRequest;
  /** What the relying party has asked for. */
  readonly request: IdentificationRequest;
  /** The name of the relying party in the visitor's language. */
  readonly partyName: string;
  readonly state: FlowState;
  /** Changes what this browser keeps of the flow. */
  keep(changes: Changes): void;
  addressOf(step: FlowStep): string;
  goTo(step: FlowStep): void;
  /** Keeps the errors of a form and redirects to its page, which shows them until the next form: a reload sends nothing. */
  goToErrors(step: StepErrors['step'], errors: readonly FormError[], more?: Partial<StepErrors>): void;
  /** The errors that a page has to show. */
  errorsAt(step: StepErrors['step']): StepErrors | undefined;
  /** Renders a page of the flow. */
  render(template: string, data?: Record<string, unknown>, status?: number): void;
  succeed(identification: CompletedIdentification): Promise<void>;
  fail(failure: Failure): Promise<void>;
}

const stepPages: Readonly<Record<StepErrors['step'], FlowStep>> = {
  'sign-in': '',
  journey: '/journey',
  confirmation: '/confirmation',
};

/** Responds to a request for a page of a flow. */
export type FlowHandler = (flow: Flow, request: Request, response: Response) => Promise<void> | void;

/** Handles a page of a request that this browser has; any other has a page of its own. */
export const withFlow =
  (dependencies: FlowDependencies, handler: FlowHandler): RequestHandler =>
  async (request, response) => {
    const id = String(request.params['id']);
    const { requests, sealedBox } = dependencies;
    const kept = readSealedEntry(flowCookie, id, request, sealedBox);
    const identificationRequest = await requests.find(request, response, id);
    if (!identificationRequest) {
      // What is left of it in this browser: only what its last page says.
      if (kept) writeSealedEntry(flowCookie, id, remainderOf(kept), request, response, sealedBox);
      return renderNoRequest(new FlowRequest(dependencies, request, response), kept);
    }
    if (identificationRequest.continueAt && request.method === 'POST')
      return response.redirect(303, addressOfRequest(id));
    const flow = createFlow(dependencies, request, response, { identificationRequest, kept });
    // It has ended here or in another tab, and the browser has not followed the way back yet.
    if (identificationRequest.continueAt) return flow.render('flow/leading-back.njk');
    const isOver =
      identificationRequest.expiresAt.getTime() <= Date.now() && !request.path.endsWith('/leave');
    if (!isOver) return handler(flow, request, response);
    flow.render('flow/timed-out.njk', {}, 410);
  };

function createFlow(
  dependencies: FlowDependencies,
  request: Request,
  response: Response,
  {
    identificationRequest,
    kept,
  }: { identificationRequest: IdentificationRequest; kept: FlowState | undefined },
): Flow {
  const { requests, sealedBox } = dependencies;
  const { id, relyingParty, language: preferred } = identificationRequest;
  const page = new FlowRequest(dependencies, request, response, { preferred, identification: id });
  const partyName = relyingParty.name[page.language] ?? relyingParty.name.es;
  const party = { name: partyName, homeUrl: relyingParty.homeUrl };
  const write = (value: FlowState) => {
    flow.state = value;
    return writeSealedEntry(flowCookie, id, value, request, response, sealedBox);
  };
  const addressOf = (step: FlowStep) => `${addressOfRequest(id)}${step}`;
  // `state` is no accessor: V8 would keep the request in memory until its next major collection (docs/adr/0065).
  const flow: Flow & { state: FlowState } = {
    page,
    request: identificationRequest,
    partyName,
    state: { ...kept, party, expiresAtMs: identificationRequest.expiresAt.getTime() },
    keep: (changes) => void write({ ...flow.state, ...changes }),
    addressOf,
    goTo: (step) => page.redirect(addressOf(step)),
    goToErrors(step, errors, more) {
      const { language } = page;
      const list = errors.map((error) => ({ ...error }));
      const of = (some: typeof list) => ({ ...flow.state, errors: { ...more, step, language, list: some } });
      // Where a cookie cannot hold all of them, the first one.
      const isKept = write(of(list));
      if (!isKept) write(of(list.slice(0, 1)));
      page.redirect(addressOf(stepPages[step]));
    },
    errorsAt(step) {
      const { errors } = flow.state;
      return errors?.step === step && errors.language === page.language ? errors : undefined;
    },
    render(template, data = {}, status) {
      const shown = {
        request: identificationRequest,
        party: relyingParty,
        partyName,
        leaveTo: addressOf('/leave'),
      };
      page.render(template, { ...shown, back: page.here, ...data }, status);
    },
    async succeed(identification) {
      await requests.succeed(request, response, identificationRequest, identification);
    },
    async fail(failure) {
      await requests.fail(request, response, identificationRequest, failure);
    },
  };
  if (!kept) write(flow.state);
  return flow;
}

const remainderOf = ({ party, expiresAtMs }: FlowState): FlowState => ({ party, expiresAtMs });

/** A request that has run out, is over, or was never this browser's. */
function renderNoRequest(page: FlowRequest, kept: FlowState | undefined): void {
  if (!kept) return void page.render('flow/ended.njk', { what: 'lost' }, 404);
  const what = kept.expiresAtMs <= Date.now() ? 'timed-out' : 'over';
  page.render('flow/ended.njk', { what, partyName: kept.party.name, homeUrl: kept.party.homeUrl }, 410);
}
