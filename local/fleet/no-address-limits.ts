/** Limits by address that are counted and never reached: for load tests, whose requests come from one address. */
export const noAddressLimits = {
  startsPerIp: { tries: 1_000_000, per: 'PT1M' },
  requestsPerIp: { tries: 1_000_000, per: 'PT1M' },
  failedIdsPerIp: { tries: 1_000_000, per: 'P1D' },
};
