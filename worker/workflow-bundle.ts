import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  type WorkflowBundleOption,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

/** Bundles the workflows into one script. Takes seconds: done once per process, or once per run of the tests. */
export const bundleWorkflows = (): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: workflowFile('index'),
    workflowInterceptorModules: [workflowFile('trace-header')],
    // Evaluated once per thread instead of once per workflow, which saves memory and keeps optimised code
    // (docs/performance.md). Workflow modules must therefore hold no state: `tools/check-architecture.mjs`.
    preloadModules: ['short-stacks', 'trace-header', 'index'].map(workflowFile),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });

/** `.ts` from source, `.js` in a build. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

const workflowFile = (name: string): string =>
  createRequire(import.meta.url).resolve(
    fileURLToPath(new URL(`../workflows/${name}`, import.meta.url)) + extension,
  );

/** The bundle that `npm run build` writes next to the built worker. */
const bundleFile = fileURLToPath(new URL('./workflows.bundle', import.meta.url));

/** Writes the bundle at build time: a worker then starts a second sooner. */
export async function writeWorkflowBundle(): Promise<void> {
  writeFileSync(bundleFile, (await bundleWorkflows()).code);
}

/** The bundle of the build, or one made now. */
export const loadWorkflowBundle = async (): Promise<WorkflowBundleOption> =>
  existsSync(bundleFile) ? { codePath: bundleFile } : bundleWorkflows();
