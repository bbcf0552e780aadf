import express from 'express';
import { submitForm } from '../../visitor/submit-form.ts';
import { type Visitor, withVisitor } from '../../visitor/visitor.ts';

/** The pages that ask for the activation code. */
export type CodeEntryPage = 'activation' | 'password-reset';
const apiPaths = { activation: '/activations', 'password-reset': '/password-resets' } as const;

const renderForm = (
  visitor: Visitor,
  name: CodeEntryPage,
  data: Record<string, unknown> = {},
  status = 200,
): void => visitor.render(`permanente/${name}/${name}.njk`, { indexed: status === 200, ...data }, status);

/**
 * A page that asks for DNI/NIE, email and activation code ([clave], "User activation", 1) and starts a journey. A blocked
 * code has its own page, which explains how to get another.
 */
export const codeEntry = (name: CodeEntryPage) =>
  express
    .Router()
    .get(
      `/${name}`,
      withVisitor((visitor) => renderForm(visitor, name)),
    )
    .post(
      `/${name}`,
      withVisitor((visitor) => {
        const body = {
          nationalId: visitor.field('nationalId'),
          email: visitor.field('email'),
          activationCode: visitor.field('activationCode'),
        };
        return submitForm(visitor, {
          content: [name, ...Object.values(body)],
          send: (header) => visitor.api.POST(apiPaths[name], { body, params: { header } }),
          onSuccess: (started) => visitor.redirectToStartedJourney(started),
          onProblem: {
            'activation-code-blocked': ({ detail, status }) =>
              visitor.render('permanente/activation/code-blocked.njk', { detail }, status),
          },
          showErrors: (errors, { status }) => renderForm(visitor, name, { values: body, errors }, status),
        });
      }),
    );

/** [clave], "User activation". */
export const activation = codeEntry('activation');
