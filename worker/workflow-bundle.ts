import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  type WorkflowBundleOption,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

/** The workflows as one script, as a worker loads them. Takes seconds: once a process, or once a run of the tests. */
export const bundleWorkflows = (): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: workflowFile('index'),
    workflowInterceptorModules: [workflowFile('trace-header')],
    // Evaluated once for a thread, not once for each citizen: less memory, and code that V8 has warmed up
    // (docs/performance.md). So no module of a workflow may keep anything: `tools/check-architecture.mjs`.
    preloadModules: ['short-stacks', 'trace-header', 'index'].map(workflowFile),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });

/** From source, or from what `npm run build` emitted. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

const workflowFile = (name: string): string =>
  createRequire(import.meta.url).resolve(
    fileURLToPath(new URL(`../workflows/${name}`, import.meta.url)) + extension,
  );

/** Where `npm run build` leaves the script, beside the built worker. */
const bundleFile = fileURLToPath(new URL('./workflows.bundle', import.meta.url));

/** Done once by the build, so that a worker that starts again is back a second sooner. */
export async function writeWorkflowBundle(): Promise<void> {
  writeFileSync(bundleFile, (await bundleWorkflows()).code);
}

/** What the build has left, or bundled now. */
export const loadWorkflowBundle = async (): Promise<WorkflowBundleOption> =>
  existsSync(bundleFile) ? { codePath: bundleFile } : bundleWorkflows();
