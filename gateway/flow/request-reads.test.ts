import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { findRelyingParty, type RelyingParty } from './relying-parties.ts';
import { readsOf } from './request-reads.ts';

const newRequest = () => new IncomingMessage(new Socket());

/** A registry of one party, whose floor the operator changes; it counts how often it is read. */
function createRegistry() {
  const registry = {
    floor: 'low',
    reads: 0,
    async query() {
      registry.reads += 1;
      return { rows: [{ id: 'one', floor: registry.floor } as RelyingParty] };
    },
  };
  return registry;
}

test('a request reads a row of the registry once, and the next one reads what it is then', async () => {
  const registry = createRegistry();
  const find = (request?: IncomingMessage) => findRelyingParty(registry as never, 'one', readsOf(request));
  const request = newRequest();
  expect([(await find(request))?.floor, (await find(request))?.floor, registry.reads]).toEqual([
    'low',
    'low',
    1,
  ]);
  registry.floor = 'high';
  expect((await find(newRequest()))?.floor).toBe('high');
  expect([(await find())?.floor, (await find())?.floor, registry.reads]).toEqual(['high', 'high', 4]);
});
