// Who may import whom, by layer (top-level folder) and by system (room), and circles of imports.
import path from 'node:path';

/** By layer: the layers that it may import from, and those of which it may import types only. Others are free. */
const mayImport = {
  domain: { from: [] },
  platform: { from: ['domain', 'locales', 'prisma'] },
  records: { from: ['domain', 'platform'] },
  workflows: { from: ['domain'], types: ['activities'] },
  activities: { from: ['domain', 'platform', 'records'] },
  worker: { from: ['activities', 'domain', 'platform'], types: ['workflows'] },
  api: { from: ['domain', 'platform', 'prisma', 'records', 'workflows'] },
  operations: {
    from: ['api', 'certificates', 'domain', 'local', 'platform', 'prisma', 'records', 'workflows'],
  },
  client: { from: ['domain', 'platform'] },
  // Front-ends know the service by HTTP only, and share what is in `web`.
  portal: { from: ['client', 'domain', 'platform', 'locales', 'web'] },
  gateway: { from: ['client', 'domain', 'platform', 'locales', 'web'] },
  // It verifies certificates and tells the API, by HTTP.
  certificates: { from: ['client', 'domain', 'platform', 'locales', 'web'] },
  web: { from: ['client', 'domain', 'platform', 'locales'] },
};

/**
 * By layer: the rooms of one system each. A system imports no other system of its layer, and a room that all share
 * imports none. What two systems need lies in a shared room, or in `domain/`.
 */
const systems = {
  api: ['gateway', 'office', 'permanente', 'registration'],
  domain: ['permanente'],
  // Protocols: what two of them need lies in `flow` or `logout`.
  gateway: ['oidc'],
  portal: ['desk', 'home', 'identification', 'my-clave', 'permanente'],
};

/** Machinery that knows nothing of what it runs: it imports no other room of ours. */
const machinery = ['workflows/runtime/'];

/** The files that put the systems of their layer together. */
const composers = [
  'api/app.ts',
  'api/main.ts',
  'api/routes.ts',
  'gateway/app.ts',
  // The same provider, with invented persons.
  'gateway/simulator/simulator.ts',
  'portal/app.ts',
  // A page about the rules of passwords.
  'portal/content/content.ts',
];

/** Each import against the rules. `sources`: the text of each file by its path. */
export function* importFindings(sources) {
  for (const [file, text] of sources) {
    if (file.endsWith('.test.ts')) continue;
    for (const { target, isType } of importsOf(file, text)) {
      if (!isLayerPermitted(file, target, isType)) yield `${file}: may not import ${target}`;
      else if (file.startsWith('workflows/') && target === 'domain/limits.ts')
        yield `${file}: numbers come with the message, not from ${target}`;
      else if (!isSystemPermitted(file, target)) yield `${file}: may not import ${target}, of another system`;
      const room = machinery.find((place) => file.startsWith(place));
      if (room && !target.startsWith(room)) yield `${file}: machinery may not import ${target}`;
    }
  }
}

function isLayerPermitted(file, target, isType) {
  const [from] = file.split('/');
  const [to] = target.split('/');
  const rule = mayImport[from];
  return !rule || to === from || rule.from.includes(to) || Boolean(isType && rule.types?.includes(to));
}

function isSystemPermitted(file, target) {
  const to = systemOf(target);
  const isSameLayer = file.split('/')[0] === target.split('/')[0];
  return !to || !isSameLayer || to === systemOf(file) || composers.includes(file);
}

function systemOf(file) {
  const [layer, room] = file.split('/');
  return systems[layer]?.find((system) => system === room);
}

/** Each circle of imports, as the way round it. Imports of types only leave nothing to load, and count as none. */
export function* circleFindings(sources) {
  const graph = new Map(
    [...sources].map(([file, text]) => [
      file,
      importsOf(file, text)
        .filter(({ target, isType }) => !isType && sources.has(target))
        .map(({ target }) => target),
    ]),
  );
  const done = new Set();
  const way = [];
  const found = [];
  const visit = (file) => {
    const start = way.indexOf(file);
    if (start !== -1) found.push([...way.slice(start), file]);
    if (start !== -1 || done.has(file)) return;
    way.push(file);
    for (const target of graph.get(file)) visit(target);
    way.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  for (const circle of found) yield `${circle[0]}: a circle of imports, ${circle.join(' > ')}`;
}

const statement = /^(?:import|export)\s+(type\s+)?([^;'"]*?)from\s+'(\.[^']+)'|^import\s+'(\.[^']+)'/gms;

/** The project's own files that a file imports or exports from, each with whether it takes types only. */
function importsOf(file, text) {
  return [...text.matchAll(statement)].map(([, type, names, from, bare]) => ({
    target: path.posix.join(path.posix.dirname(file), from ?? bare),
    isType: Boolean(type) || isTypesOnly(names ?? ''),
  }));
}

/** `{ type A, type B }` */
function isTypesOnly(names) {
  const inBraces = /^\{([\s\S]*)\}\s*$/.exec(names.trim())?.[1];
  const each = inBraces?.split(',').map((name) => name.trim());
  return Boolean(each?.some(Boolean) && each.every((name) => name === '' || name.startsWith('type ')));
}
