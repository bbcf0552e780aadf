// Jest calls a default export before it transforms anything: tsx reads the TypeScript behind it.
import { register } from 'tsx/esm/api';

/** Before all test files. */
export default async function globalSetup() {
  register();
  const { setUp } = await import('./global-setup.ts');
  globalThis.claveTearDown = await setUp({ eagerActivities: !process.env.CLAVE_TEST_KIND });
}
