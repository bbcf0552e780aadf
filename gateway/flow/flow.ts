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
export type FlowStep = '' | '/journey' | '/confirmation' | '/leave';

type Changes = {
  readonly [Key in Exclude<keyof FlowState, 'party' | 'expiresAtMs'>]?: FlowState[Key] | undefined;
};

/** One identification in one browser, at one of its pages. */
export interface Flow {
  readonly page: FlowRequest;
  readonly asked: IdentificationRequest;
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
    const asked = await requests.find(request, response, id);
    if (!asked) {
      // What is left of it in this browser: only what its last page says.
      if (kept) writeSealedEntry(flowCookie, id, remainderOf(kept), request, response, sealedBox);
      return renderUnknown(new FlowRequest(dependencies, request, response), kept);
    }
    // Another tab has ended it, and the browser has not followed the way back yet.
    if (asked.continueAt) return response.redirect(303, asked.continueAt);
    const flow = createFlow(dependencies, request, response, { asked, kept });
    const isOver = asked.expiresAt.getTime() <= Date.now() && !request.path.endsWith('/leave');
    if (!isOver) return handler(flow, request, response);
    flow.page.permitFormsTo(asked.returnOrigin);
    flow.render('flow/timed-out.njk', {}, 410);
  };

function createFlow(
  dependencies: FlowDependencies,
  request: Request,
  response: Response,
  { asked, kept }: { asked: IdentificationRequest; kept: FlowState | undefined },
): Flow {
  const { requests, sealedBox } = dependencies;
  const { id, relyingParty, language: preferred } = asked;
  const page = new FlowRequest(dependencies, request, response, { preferred, identification: id });
  const partyName = relyingParty.name[page.language] ?? relyingParty.name.es;
  const party = { name: partyName, homeUrl: relyingParty.homeUrl };
  let state: FlowState = { ...kept, party, expiresAtMs: asked.expiresAt.getTime() };
  const write = (value: FlowState) => {
    state = value;
    return writeSealedEntry(flowCookie, id, value, request, response, sealedBox);
  };
  const addressOf = (step: FlowStep) => `${addressOfRequest(id)}${step}`;
  const flow: Flow = {
    page,
    asked,
    partyName,
    get state() {
      return state;
    },
    keep: (changes) => void write({ ...state, ...changes }),
    addressOf,
    goTo: (step) => page.redirect(addressOf(step)),
    goToErrors(step, errors, more) {
      const { language } = page;
      const list = errors.map((error) => ({ ...error }));
      const of = (some: typeof list) => ({ ...state, errors: { ...more, step, language, list: some } });
      // Where a cookie cannot hold all of them, the first one.
      const isKept = write(of(list));
      if (!isKept) write(of(list.slice(0, 1)));
      page.redirect(addressOf(stepPages[step]));
    },
    errorsAt: (step) =>
      state.errors?.step === step && state.errors.language === page.language ? state.errors : undefined,
    render(template, data = {}, status) {
      const shown = { asked, party: relyingParty, partyName, leaveTo: addressOf('/leave') };
      page.render(template, { ...shown, back: page.here, ...data }, status);
    },
    async succeed(identification) {
      await requests.succeed(request, response, asked, identification);
    },
    async fail(failure) {
      await requests.fail(request, response, asked, failure);
    },
  };
  if (!kept) write(state);
  return flow;
}

const remainderOf = ({ party, expiresAtMs }: FlowState): FlowState => ({ party, expiresAtMs });

/** A request that has run out, is over, or was never this browser's. */
function renderUnknown(page: FlowRequest, kept: FlowState | undefined): void {
  if (!kept) return void page.render('flow/ended.njk', { what: 'lost' }, 404);
  const what = kept.expiresAtMs <= Date.now() ? 'timed-out' : 'over';
  page.render('flow/ended.njk', { what, partyName: kept.party.name, homeUrl: kept.party.homeUrl }, 410);
}
