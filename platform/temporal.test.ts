import { describe, expect, test } from '@jest/globals';
import { ensureSearchAttributes } from './temporal.ts';

/** A client whose `listSearchAttributes` is given. */
const clientWith = (listSearchAttributes: () => Promise<unknown>) => {
  const added: unknown[] = [];
  const operatorService = {
    listSearchAttributes,
    addSearchAttributes: async (request: unknown) => void added.push(request),
  };
  const client = { options: { namespace: 'n' }, connection: { operatorService } };
  return { added, client: client as unknown as Parameters<typeof ensureSearchAttributes>[0] };
};
const failing = (code: number) => () => Promise.reject(Object.assign(new Error('no'), { code }));

describe('our search attributes', () => {
  test('are made where they are missing', async () => {
    const { client, added } = clientWith(async () => ({ customAttributes: {} }));
    expect([await ensureSearchAttributes(client), added.length]).toEqual([true, 1]);
  });

  test.each([
    ['may not be made by us', 7],
    ['cannot be made so (Temporal Cloud)', 12],
  ])('are left to operators where they %s', async (_what, code) => {
    const { client, added } = clientWith(failing(code));
    expect([await ensureSearchAttributes(client), added.length]).toEqual([false, 0]);
  });

  test('are no reason to go on while Temporal is away', async () => {
    await expect(ensureSearchAttributes(clientWith(failing(14)).client)).rejects.toThrow('no');
  });
});
