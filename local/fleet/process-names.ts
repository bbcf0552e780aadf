/** The processes of which the service consists, without the pages. */
export const parts = ['postgres', 'temporal', 'api', 'worker', 'phone'] as const;
export type Part = (typeof parts)[number];
