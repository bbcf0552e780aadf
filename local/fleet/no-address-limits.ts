/** Limits by address, counted like any others and never reached: for loads that all come from one. */
export const noAddressLimits = {
  startsPerIp: { tries: 1_000_000, per: 'PT1M' },
  requestsPerIp: { tries: 1_000_000, per: 'PT1M' },
  failedIdsPerIp: { tries: 1_000_000, per: 'P1D' },
};
