import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { sharedServers } from '../../test/environment/shared-servers.ts';
import { replayFailures } from './replays.ts';

const recorded = readFileSync(new URL('../../test/histories/0.1.0.upkeep.1.json', import.meta.url), 'utf8');
const history = (text: string) => temporal.api.history.v1.History.fromObject(JSON.parse(text));

test('a history that the code carries on is right, and one that it does not is told', async () => {
  const other = recorded.replaceAll('"removeSessions"', '"removeLetters"');
  expect(other).not.toBe(recorded);
  const wrong = await replayFailures(
    [
      { workflowId: 'upkeep/whole', history: history(recorded) },
      { workflowId: 'upkeep/stuck', history: history(other) },
    ],
    sharedServers().bundleFile,
  );
  expect(wrong).toEqual([expect.stringMatching(/^upkeep\/stuck cannot be replayed: .*Nondeterminism/)]);
});

test('replays that are asked for at once do not end one another', async () => {
  const whole = { workflowId: 'upkeep/whole', history: history(recorded) };
  const replay = () => replayFailures([whole], sharedServers().bundleFile);
  for (let delayMs = 0; delayMs < 160; delayMs += 10)
    expect(await Promise.all([replay(), sleep(delayMs).then(replay)])).toEqual([[], []]);
});
