/** The processes of which the service consists, without the pages. */
export const processNames = ['postgres', 'temporal', 'api', 'worker', 'phone'] as const;
export type ProcessName = (typeof processNames)[number];
