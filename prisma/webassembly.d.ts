/** The part of Node's WebAssembly that `schema-engine.ts` calls. TypeScript declares it only in lib.dom. */
declare namespace WebAssembly {
  type Exports = Record<string, unknown>;
  type Imports = Record<string, unknown>;
  function instantiate(bytes: Uint8Array, imports: Imports): Promise<{ instance: { exports: Exports } }>;
}
