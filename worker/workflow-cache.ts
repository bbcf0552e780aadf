/** Options of a worker's workflow cache. */
export const workflowCache = {
  // Enough for the citizens with a journey in progress; dormant ones gain nothing from the cache. With 500, garbage
  // collection of the larger heap costs half as much again as the work itself (docs/performance.md).
  maxCachedWorkflows: 200,
  // After the death of a worker, its workflows wait this long before another worker takes them.
  stickyQueueScheduleToStartTimeout: '1s',
} as const;
