import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';

let isHushed = false;

/** The SDK says at length what it does: not in a test's report. */
export function hushTemporal(): void {
  if (isHushed) return;
  isHushed = true;
  const nothing = () => {};
  Runtime.install({
    logger: { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
}
