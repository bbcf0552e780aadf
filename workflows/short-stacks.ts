/*
 * Loaded once, before any workflow. The SDK captures a stack trace for every promise of a workflow, for the query
 * `__stack_trace`. Ten frames of it cost a new worker a tenth of its processor time, and a worker after fifty thousand
 * citizens more than half (docs/performance.md). Three frames show where an error was thrown.
 */
Error.stackTraceLimit = 3;

export {};
