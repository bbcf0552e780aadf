import { describe, expect, test } from '@jest/globals';
import type { Problem, Reply } from '../../client/client.ts';
import { wordings } from '../views/wording.ts';
import { type FormError, requiredFieldErrors } from './form-errors.ts';
import { type FormRequest, submitForm } from './submit-form.ts';

const t = wordings.es;
const fields: Readonly<Record<string, string>> = {
  phone: '612',
  email: ' ',
  password: ' '.repeat(16),
  givenName: '王小明',
};
const page = {
  language: 'es' as const,
  t,
  field: (name: string) => fields[name] ?? '',
  idempotencyKey: (...content: string[]) => content.join('/'),
} satisfies FormRequest;

/** What a page does with the API's answer: the calls that `submitForm` made. */
async function submit(reply: Reply<{ id: string }> | Error, fieldOf?: (problem: Problem) => string) {
  const calls: unknown[] = [];
  await submitForm(page, {
    idempotencyParts: ['registration', 'a'],
    send: async (header) => {
      calls.push(header['Idempotency-Key']);
      if (reply instanceof Error) throw reply;
      return reply;
    },
    onSuccess: ({ id }) => void calls.push(['success', id]),
    onProblem: { 'not-authenticated': ({ status }) => void calls.push(['signed out', status]) },
    ...(fieldOf && { fieldOf }),
    showErrors: (errors: readonly FormError[], { status }) => void calls.push(['errors', errors, status]),
  });
  return calls;
}

const refusal = (problem: Partial<Problem>, headers: Record<string, string> = {}) => ({
  error: { type: 'urn:x', title: 'T', detail: 'Detalle.', ...problem },
  response: new Response(null, { status: problem.status ?? 422, headers }),
});

describe('a submitted form', () => {
  test('goes on with the answer, and sends its content as the idempotency key', async () => {
    const reply = { data: { id: 'x' }, response: new Response(null, { status: 201 }) };
    expect(await submit(reply)).toEqual(['registration/a', ['success', 'x']]);
  });

  test('answers a problem in its own way where the page has one', async () => {
    const calls = await submit(refusal({ code: 'not-authenticated', status: 401 }));
    expect(calls.slice(1)).toEqual([['signed out', 401]]);
  });

  test('shows an error for each malformed field; an empty one is required', async () => {
    const errors = [
      { pointer: '/phone', code: 'invalid-format' },
      { pointer: '/email', code: 'invalid-format' },
    ];
    const calls = await submit(refusal({ code: 'malformed-request', status: 400, errors }));
    expect(calls.slice(1)).toEqual([
      [
        'errors',
        [
          { field: 'phone', text: t('error.phone.invalid-format') },
          { field: 'email', text: t('error.email.required') },
        ],
        400,
      ],
    ]);
  });

  test('says of letters that cannot be shown which ones can, and does not call a password of spaces empty', async () => {
    const errors = [
      { pointer: '/givenName', code: 'invalid-format' },
      { pointer: '/password', code: 'invalid-format' },
    ];
    const calls = await submit(refusal({ code: 'malformed-request', status: 400, errors }));
    expect(calls[1]).toEqual([
      'errors',
      [
        { field: 'givenName', text: t('error.not-latin') },
        { field: 'password', text: t('error.any.invalid-format') },
      ],
      400,
    ]);
    expect(requiredFieldErrors(page, 'password', 'email')).toEqual([
      { field: 'email', text: t('error.email.required') },
    ]);
  });

  test('shows any other problem in the words of the API, at the field that the page names', async () => {
    const problem = refusal({ code: 'phone-in-use', status: 409 });
    expect((await submit(problem))[1]).toEqual(['errors', [{ text: 'Detalle.' }], 409]);
    expect((await submit(problem, () => 'phone'))[1]).toEqual([
      'errors',
      [{ field: 'phone', text: 'Detalle.' }],
      409,
    ]);
  });

  test('says how long to wait after too many requests', async () => {
    const problem = (seconds: string) =>
      refusal({ code: 'too-many-requests', status: 429 }, { 'Retry-After': seconds });
    expect((await submit(problem('30')))[1]).toEqual([
      'errors',
      [{ text: `Detalle. ${t('error.retry-in-seconds', { seconds: 30 })}` }],
      429,
    ]);
    expect((await submit(problem('600')))[1]).toEqual([
      'errors',
      [{ text: `Detalle. ${t('error.retry-in-minutes', { minutes: 10 })}` }],
      429,
    ]);
    expect((await submit(problem('86400')))[1]).toEqual([
      'errors',
      [{ text: `Detalle. ${t('error.retry-in-hours', { hours: 24 })}` }],
      429,
    ]);
    expect((await submit(problem('604800')))[1]).toEqual([
      'errors',
      [{ text: `Detalle. ${t('error.retry-in-days', { days: 7 })}` }],
      429,
    ]);
  });

  test('shows that the service is unavailable when the API does not answer', async () => {
    const [, shown] = await submit(new Error('ECONNREFUSED'));
    expect(shown).toEqual(['errors', [{ text: expect.stringContaining('no está disponible') }], 503]);
  });
});
