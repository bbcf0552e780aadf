import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../../local/project-root.ts';
import { unpackWheel } from '../../local/servers/temporal/wheel-cache.ts';

/** Kubernetes' strict schemas, in which an unknown field is an error; pinned like Temporal's programs. */
const wheel = {
  distribution: 'kubernetes-validate',
  version: '1.37.0',
  sha256: ['85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9'],
};
const kubernetes = 'v1.34.0-local-strict';

/** One object of a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Every object in a file. @throws Error on invalid YAML, such as a duplicate key */
export const manifestsIn = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    if (document.errors[0]) throw new Error(`${file}: ${document.errors[0].message}`);
    return document.toJS() as Manifest;
  });

/** The folder of the schemas, downloaded with pip once. @throws LocalServerError if the download fails */
async function schemaFolder(): Promise<string> {
  const cache = join(projectRoot(), '.cache');
  const folder = join(cache, `${wheel.distribution}-${wheel.version}-${kubernetes}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const fetching = await mkdtemp(join(cache, 'fetching-'));
  try {
    const content = await unpackWheel(wheel, fetching, process.env);
    const unpacked = join(content, 'kubernetes_validate', 'kubernetes-json-schema', kubernetes);
    await rename(unpacked, folder).catch((error: unknown) => {
      // Another process has finished first.
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(fetching, { recursive: true, force: true });
  }
}

/** A validator that returns the violations of Kubernetes' schema; undefined for kinds of other projects. */
export async function kubernetesSchema(): Promise<(manifest: Manifest) => string[] | undefined> {
  const folder = await schemaFolder();
  const names = new Set(readdirSync(folder));
  // The formats in use (int32, double) only describe storage.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(JSON.parse(readFileSync(join(folder, '_definitions.json'), 'utf8')), '_definitions.json');
  const known = new Map<string, ValidateFunction>();
  return (manifest) => {
    const [version = '', group = ''] = manifest.apiVersion.split('/').reverse();
    const ofGroup = group === '' ? '' : `${group.split('.')[0]}-`;
    const name = `${manifest.kind.toLowerCase()}-${ofGroup}${version}.json`;
    if (!names.has(name)) return undefined;
    const validate = known.get(name) ?? ajv.compile(JSON.parse(readFileSync(join(folder, name), 'utf8')));
    known.set(name, validate);
    validate(manifest);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}
