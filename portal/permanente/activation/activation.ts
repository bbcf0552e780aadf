import express from 'express';
import { outcomeOf } from '../../../client/outcome.ts';
import { formErrorsOf } from '../../forms/form-errors.ts';
import { type Visitor, withVisitor } from '../../visitor/visitor.ts';

/** Where a visitor enters the activation code; the API's path is the page's own, for both say the same. */
export type CodeEntryPage = 'activation' | 'password-reset';
const paths = { activation: '/activations', 'password-reset': '/password-resets' } as const;

const showForm = (
  visitor: Visitor,
  name: CodeEntryPage,
  data: Record<string, unknown> = {},
  status = 200,
): void => visitor.render(`permanente/${name}/${name}.njk`, { indexed: status === 200, ...data }, status);

/**
 * The form and what becomes of it. [clave], "User activation", 1: DNI/NIE, email, activation code. A blocked code has a page
 * of its own, for the citizen must be told what comes next.
 */
export const codeEntry = (name: CodeEntryPage) =>
  express
    .Router()
    .get(
      `/${name}`,
      withVisitor((visitor) => showForm(visitor, name)),
    )
    .post(
      `/${name}`,
      withVisitor(async (visitor) => {
        const body = {
          nationalId: visitor.field('nationalId'),
          email: visitor.field('email'),
          activationCode: visitor.field('activationCode'),
        };
        const key = visitor.idempotencyKey(name, ...Object.values(body));
        const started = await outcomeOf(
          visitor.api.POST(paths[name], { body, params: { header: { 'Idempotency-Key': key } } }),
          visitor.language,
        );
        if (started.ok) return visitor.redirectToStartedJourney(started.data);
        const { problem } = started;
        if (problem.code === 'activation-code-blocked')
          return visitor.render(
            'permanente/activation/code-blocked.njk',
            { detail: problem.detail },
            problem.status,
          );
        showForm(visitor, name, { values: body, errors: formErrorsOf(visitor, started) }, problem.status);
      }),
    );

/** [clave], "User activation". */
export const activation = codeEntry('activation');
