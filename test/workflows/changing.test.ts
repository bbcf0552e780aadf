import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { sharedServers } from '../environment/shared-servers.ts';
import { silenceLogs } from '../environment/silence-logs.ts';

// The worked example of docs/changing-workflows.md. Without `patched` in it, "unguarded" is also its last step.
const releases = ['before', 'unguarded', 'patched', 'deprecated'] as const;
type Release = (typeof releases)[number];

const taskQueue = 'changing';
let env: TestWorkflowEnvironment;
const bundles = {} as Record<Release, WorkflowBundleWithSourceMap>;
const histories = {} as Record<Release, temporal.api.history.v1.IHistory>;

beforeAll(async () => {
  silenceLogs();
  env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: sharedServers().testServer } },
  });
  for (const release of releases) {
    bundles[release] = await bundleWorkflowCode({
      workflowsPath: path.join(fileURLToPath(new URL('changing', import.meta.url)), `${release}.ts`),
      logger: new DefaultLogger('ERROR'),
    });
    histories[release] = await lifeUnder(release);
  }
}, 120_000);
afterAll(() => env.teardown());

/** The history of a workflow that begins and ends under a release. */
async function lifeUnder(release: Release): Promise<temporal.api.history.v1.IHistory> {
  const nothing = async () => {};
  const worker = await Worker.create({
    ...{ connection: env.nativeConnection, taskQueue, workflowBundle: bundles[release] },
    activities: { record: nothing, text: nothing },
  });
  return worker.runUntil(async () => {
    const handle = await env.client.workflow.start('remind', { workflowId: randomUUID(), taskQueue });
    await handle.result();
    return handle.fetchHistory();
  });
}

const replayed = (began: Release, goesOn: Release): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: bundles[goesOn] }, histories[began], 'replayed');

describe('a workflow that began under one release and goes on under the next', () => {
  test.each<[Release, Release]>([
    ['before', 'before'],
    ['before', 'patched'],
    ['patched', 'patched'],
    ['patched', 'deprecated'],
    ['deprecated', 'deprecated'],
    ['deprecated', 'unguarded'],
  ])('%s, then %s: as if nothing had changed', async (began, goesOn) => {
    await replayed(began, goesOn);
  });
});

describe('what goes wrong shows in a replay, not in a deployment', () => {
  test.each<[string, Release, Release]>([
    ['a change without patched()', 'before', 'unguarded'],
    ['step 2 while a workflow from before is left', 'before', 'deprecated'],
    ['a marker dropped without step 2', 'patched', 'unguarded'],
    ['a release taken back after the change', 'patched', 'before'],
  ])('%s (%s, then %s)', async (_what, began, goesOn) => {
    await expect(replayed(began, goesOn)).rejects.toThrow(DeterminismViolationError);
  });
});
