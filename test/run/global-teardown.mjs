/** After all test files: the servers of `global-setup.ts` stop. */
export default async function globalTeardown() {
  await globalThis.claveTearDown?.();
}
