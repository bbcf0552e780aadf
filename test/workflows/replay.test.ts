import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowJourneyKinds } from '../../domain/journeys.ts';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { payloadSettings } from '../environment/payload-key.ts';
import { sharedServers } from '../environment/shared-servers.ts';
import { silenceLogs } from '../environment/silence-logs.ts';

const folder = fileURLToPath(new URL('../histories', import.meta.url));
const recorded = readdirSync(folder).filter((name) => name.endsWith('.json'));

const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
const eventTypes = /EVENT_TYPE_\w+/g;
const eventsOf = (file: string): unknown[] => read(file).events;

const replay = (code: string, file: string): Promise<void> =>
  Worker.runReplayHistory(
    { workflowBundle: { code }, ...dataConverterFor(payloadSettings().CLAVE_PAYLOAD_KEY) },
    proto.temporal.api.history.v1.History.fromObject(read(file)),
    'citizen/replayed',
  );

beforeAll(silenceLogs);

describe('recorded histories', () => {
  const today = () => readFileSync(sharedServers().bundleFile, 'utf8');

  test('are there, of every journey, of what may interrupt one, and of sleepers', () => {
    const lives = new Set(recorded.map((name) => name.split('.').at(3)));
    expect([...lives]).toEqual(expect.arrayContaining([...workflowJourneyKinds]));
    expect([...lives].sort()).toEqual([
      'activation',
      'asleep-active',
      'asleep-expired',
      'asleep-registered',
      'asleep-suspended',
      'asleep-unsubscribed',
      'blocked-code',
      'blocked-password',
      'extension',
      'logout-notice',
      'not-me',
      'notice',
      'password-by-certificate',
      'password-change',
      'password-reset',
      'regeneration',
      'registration',
      'registration-left-alone',
      'renewal',
      'superseded',
      'suspension',
      'timed-out',
      'unsubscription',
      'unsubscription-by-certificate',
      'upkeep',
    ]);
    const kinds = new Set(recorded.flatMap((name) => JSON.stringify(read(name)).match(eventTypes)));
    expect([...kinds]).toEqual(
      expect.arrayContaining(['EVENT_TYPE_TIMER_FIRED', 'EVENT_TYPE_TIMER_CANCELED']),
    );
    // A start, a task of three events, and the one timer that waits for a reminder or the expiry.
    expect(recorded.map((name) => eventsOf(name).length)).toContain(5);
  });

  test.each(recorded)('%s replays with the code of today', async (file) => {
    await replay(today(), file);
  });

  describe('show it when the code no longer fits', () => {
    let incompatible = '';
    beforeAll(async () => {
      const { code } = await bundleWorkflowCode({
        workflowsPath: path.join(folder, 'incompatible.ts'),
        logger: new DefaultLogger('ERROR'),
      });
      incompatible = code;
    });

    const ofCitizens = recorded.filter((name) => !/\.(notice|logout-notice|upkeep)\./.test(name));
    test.each(ofCitizens)('%s', async (file) => {
      await expect(replay(incompatible, file)).rejects.toThrow(DeterminismViolationError);
    });
  });
});
