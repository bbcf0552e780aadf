// The workflows that can be started. Anything exported here is one, so nothing else is.
export { citizen } from './citizen.ts';
export { logoutNotice } from './logout-notice.ts';
export { notice } from './notice.ts';
export { upkeep } from './upkeep.ts';
export { workerProbe } from './worker-probe.ts';
