import express from 'express';
import { bearer } from '../../client/client.ts';
import { fullName } from '../../domain/identity/person-name.ts';
import { type FormError, requiredFieldErrors } from '../../web/forms/form-errors.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import { closeDesk, type Desk, type OfficerHandler, renderDesk, requireOfficer } from './desk-session.ts';
import { languageOf, openPage, redirectToSealed, sealPage } from './sealed-pages.ts';

/** A registered citizen, as the API tells. */
interface Citizen {
  readonly status: string;
  readonly blocked: readonly string[];
  /** Masked; empty if it has passed to another citizen. */
  readonly phone: string;
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname?: string;
  /** When the identity was last proved in person; absent: never. */
  readonly lastStrongIdentification?: { readonly at: string; readonly dueAt: string };
}

/** What an officer may do for a citizen in this state: what would be refused is not offered. */
const permitted = ({ status, blocked, phone }: Citizen) => {
  const isOpen = status !== 'suspended' && status !== 'unsubscribed';
  return { suspend: isOpen, regenerate: isOpen && blocked.length === 0 && phone !== '' };
};

/**
 * Looks a citizen up, and calls `onFound`; a refusal is shown in the form that asks for the national id, but for what
 * `onAway` does while the service does not answer.
 */
const withCitizen = (
  page: PageRequest,
  desk: Desk,
  nationalId: string,
  onFound: (citizen: Citizen) => Promise<void> | void,
  onAway?: (errors: readonly FormError[]) => Promise<void> | void,
): Promise<void> =>
  submitForm(page, {
    idempotencyParts: ['lookup', nationalId],
    send: () => page.api.POST('/citizen-lookups', { body: { nationalId }, headers: bearer(desk.token) }),
    onSuccess: onFound,
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    fieldOf: () => 'nationalId',
    errorScope: 'desk.error',
    showErrors: (errors, { status }) =>
      status === 503 && onAway
        ? onAway(errors)
        : renderDesk(page, desk, 'look-up', { values: { nationalId }, errors }, status),
  });

/** The citizen whom a sealed page is about. */
interface SealedCitizen {
  readonly id: string;
  readonly nationalId: string;
  readonly name?: string | undefined;
  readonly reason?: string | undefined;
}

/** Calls `handler` with the citizen of a sealed page; without one, the visitor enters the national id anew. */
const withSealedCitizen =
  (handler: (page: PageRequest, desk: Desk, sealed: SealedCitizen) => Promise<void> | void): OfficerHandler =>
  (page, desk, request) => {
    const id = String(request.params['id']);
    const sealed = openPage(page, desk, 'citizen', id);
    return sealed ? handler(page, desk, { id, ...sealed }) : page.redirectToPage('desk-citizen');
  };

const renderCitizen = (
  page: PageRequest,
  desk: Desk,
  { id, nationalId }: SealedCitizen,
  errors: readonly FormError[] = [],
  status = 200,
): Promise<void> => {
  const values = { nationalId, language: languageOf(page.field('language')) ?? page.language };
  return withCitizen(
    page,
    desk,
    nationalId,
    (citizen) => {
      const about = { citizen, id, nationalId, name: fullName(citizen), permitted: permitted(citizen) };
      renderDesk(page, desk, 'citizen', { ...about, values, errors }, status);
    },
    // A suspension does not wait until the service can tell how the citizen stands.
    (away) => renderDesk(page, desk, 'look-up', { values, errors: away, suspendId: id }, 503),
  );
};

/** Issues another activation code. */
const regenerateCode = withSealedCitizen((page, desk, sealed) => {
  const { nationalId, name } = sealed;
  const language = languageOf(page.field('language')) ?? page.language;
  return submitForm(page, {
    idempotencyParts: ['regenerate', nationalId],
    send: (header) =>
      page.api.POST('/activation-codes', {
        body: { nationalId },
        params: { header },
        headers: bearer(desk.token),
      }),
    onSuccess: ({ activationCode, issuedAt }) => {
      const receipt = { language, activationCode, issuedAt, nationalId, name };
      redirectToSealed(page, 'code', sealPage(page, desk, { kind: 'code', receipt }));
    },
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    showErrors: (errors, { status }) => renderCitizen(page, desk, sealed, errors, status),
  });
});

/** Records that the person was identified before the officer again: the five years begin anew, and nothing else changes. */
const renewIdentification = withSealedCitizen((page, desk, sealed) => {
  const { id, nationalId } = sealed;
  return submitForm(page, {
    idempotencyParts: ['identification-renewal', nationalId],
    send: (header) =>
      page.api.POST('/identification-renewals', {
        body: { nationalId },
        params: { header },
        headers: bearer(desk.token),
      }),
    onSuccess: () => redirectToSealed(page, 'citizens', id),
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    showErrors: (errors, { status }) => renderCitizen(page, desk, sealed, errors, status),
  });
});

/** The page that asks once more before a suspension: of whom, with what effect, and why. */
const renderSuspension = (
  page: PageRequest,
  desk: Desk,
  { id, nationalId, name, reason = '' }: SealedCitizen,
  errors: readonly FormError[] = [],
  status = 200,
): Promise<void> => {
  const render = (shownName: string | undefined) =>
    renderDesk(
      page,
      desk,
      'suspension',
      { id, nationalId, name: shownName, values: { reason }, errors },
      status,
    );
  return withCitizen(
    page,
    desk,
    nationalId,
    (citizen) =>
      permitted(citizen).suspend ? render(fullName(citizen)) : redirectToSealed(page, 'citizens', id),
    () => render(name),
  );
};

const suspend = withSealedCitizen((page, desk, { id, nationalId, name }) => {
  const reason = page.field('reason');
  const again = (errors: readonly FormError[], status: number) =>
    renderSuspension(page, desk, { id, nationalId, name, reason }, errors, status);
  const required = requiredFieldErrors(page, 'reason');
  if (required.length > 0) return again(required, 422);
  const body = { nationalId, reason };
  return submitForm(page, {
    idempotencyParts: ['suspension', ...Object.values(body)],
    send: (header) =>
      page.api.POST('/suspensions', { body, params: { header }, headers: bearer(desk.token) }),
    onSuccess: () =>
      redirectToSealed(page, 'suspended', sealPage(page, desk, { kind: 'suspended', nationalId, name })),
    onProblem: { 'not-authenticated': () => closeDesk(page) },
    showErrors: (errors, { status }) => again(errors, status),
  });
});

const renderSuspended: OfficerHandler = (page, desk, request) => {
  const sealed = openPage(page, desk, 'suspended', request.params['id']);
  return sealed ? renderDesk(page, desk, 'suspended', { ...sealed }) : page.redirectToPage('desk-citizen');
};

/** A registered citizen at the desk. The national id is in a sealed cookie, so that it is in no address and no log. */
export const citizen = express
  .Router()
  .get(
    '/desk/citizen',
    requireOfficer((page, desk) => renderDesk(page, desk, 'look-up')),
  )
  .post(
    '/desk/citizen',
    requireOfficer(
      (page, desk) => {
        const nationalId = page.field('nationalId');
        const show = (name?: string) =>
          redirectToSealed(page, 'citizens', sealPage(page, desk, { kind: 'citizen', nationalId, name }));
        return withCitizen(
          page,
          desk,
          nationalId,
          (citizen) => show(fullName(citizen)),
          () => show(),
        );
      },
      (page, desk) => {
        const id = sealPage(page, desk, { kind: 'citizen', nationalId: page.field('nationalId') });
        return id ? `desk/citizens/${id}` : 'desk/citizen';
      },
    ),
  )
  .get('/desk/citizens/:id', requireOfficer(withSealedCitizen(renderCitizen)))
  .post('/desk/citizens/:id', requireOfficer(regenerateCode))
  .post('/desk/citizens/:id/renewal', requireOfficer(renewIdentification))
  .get('/desk/citizens/:id/suspension', requireOfficer(withSealedCitizen(renderSuspension)))
  .post(
    '/desk/citizens/:id/suspension',
    requireOfficer(suspend, (page, desk, request) => {
      const id = String(request.params['id']);
      const sealed = openPage(page, desk, 'citizen', id);
      if (!sealed) return 'desk/citizen';
      sealPage(page, desk, { ...sealed, reason: page.field('reason') }, id);
      return `desk/citizens/${id}/suspension`;
    }),
  )
  .get('/desk/suspended/:id', requireOfficer(renderSuspended));
