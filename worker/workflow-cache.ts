/** How a worker of workflows keeps those that it has just had. */
export const workflowCache = {
  // A sleeping citizen in the cache costs memory and gains nothing: some that are awake, whatever the population. With
  // 500 the heap is so full of live things that collecting it costs half as much again as the work (docs/performance.md).
  maxCachedWorkflows: 200,
  // After a worker's death its citizens wait this long before another takes them.
  stickyQueueScheduleToStartTimeout: '1s',
} as const;
