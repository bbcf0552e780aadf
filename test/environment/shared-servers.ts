/** What `global-setup.ts` made once for all test files. */
export interface SharedServers {
  /** The database that the migrations made: a template, so that no connection to it may stay open. */
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly gatewayUrl: string;
  /** As the superuser, in the database `postgres`. */
  readonly adminUrl: string;
  /** The workflows as one bundle. */
  readonly bundleFile: string;
  /** The program of the time-skipping server. */
  readonly testServer: string;
  readonly temporalAddress: string;
  /** The run's temporary folder. */
  readonly folder: string;
}

/** Reads it in a test file's process, to which Jest passes it in the environment. */
export const sharedServers = (): SharedServers => JSON.parse(process.env['CLAVE_TEST_RUN'] ?? '{}');
