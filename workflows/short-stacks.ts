/*
 * Loaded once, before any workflow. The SDK takes a stack trace of every promise of a workflow, for the query
 * `__stack_trace`. Ten frames of it are a tenth of a young worker's processor time, and were more than half of that of one
 * that had had fifty thousand citizens (docs/performance.md). Three say where an error was thrown.
 */
Error.stackTraceLimit = 3;

export {};
