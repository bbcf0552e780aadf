import express from 'express';
import { submitForm } from '../../../web/forms/submit-form.ts';
import { identificationId } from '../../page-request/identification-return.ts';
import { type PageRequest, withPageRequest } from '../../page-request/page-request.ts';
import { usernameIn } from '../../page-request/username.ts';
import { stepOf } from '../journey/steps.ts';

/** The pages that ask for the activation code. */
export type CodeEntryPage = 'activation' | 'password-reset';
const apiPaths = { activation: '/activations', 'password-reset': '/password-resets' } as const;

const renderForm = (
  page: PageRequest,
  name: CodeEntryPage,
  data: Record<string, unknown> = {},
  status = 200,
): void =>
  page.render(
    `permanente/${name}/${name}.njk`,
    { indexed: status === 200, step: stepOf(name, 'start'), ...data },
    status,
  );

/**
 * A page that asks for DNI/NIE, email and activation code ([clave], "User activation", 1) and starts a journey. A blocked
 * code and a lost phone have their own pages, which explain how to go on.
 */
export const codeEntry = (name: CodeEntryPage) =>
  express
    .Router()
    .get(
      `/${name}`,
      withPageRequest((page, request) =>
        renderForm(page, name, { identification: identificationId(String(request.query['identification'])) }),
      ),
    )
    .post(
      `/${name}`,
      withPageRequest((page) => {
        const body = {
          nationalId: page.field('nationalId'),
          email: page.field('email'),
          activationCode: page.field('activationCode'),
        };
        const identification = identificationId(page.field('identification'));
        return submitForm(page, {
          idempotencyParts: [name, ...Object.values(body)],
          send: (header) => page.api.POST(apiPaths[name], { body, params: { header } }),
          onSuccess: (started) =>
            page.redirectToStartedJourney(started, {
              ...usernameIn(body.nationalId),
              ...(identification && { identification }),
            }),
          onProblem: {
            'activation-code-blocked': ({ detail, status }) =>
              page.render('permanente/activation/code-blocked.njk', { detail }, status),
            'phone-yielded': ({ detail, status }) =>
              page.render('permanente/activation/phone-yielded.njk', { detail }, status),
          },
          firstField: 'nationalId',
          showErrors: (errors, { status }) =>
            renderForm(page, name, { values: body, errors, identification }, status),
        });
      }),
    );

/** [clave], "User activation". */
export const activation = codeEntry('activation');
