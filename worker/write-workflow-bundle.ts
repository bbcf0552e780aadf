import { writeWorkflowBundle } from './workflow-bundle.ts';

// The last step of `npm run build`.
await writeWorkflowBundle();
