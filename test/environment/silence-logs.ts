import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';

let isSilent = false;

/** Keeps the log lines of the Temporal SDK out of the test report. Call it before anything of the SDK is used. */
export function silenceLogs(): void {
  if (isSilent) return;
  isSilent = true;
  const nothing = () => {};
  Runtime.install({
    logger: { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
}
