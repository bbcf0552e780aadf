// The rooms: which folders there are, and which files may lie flat beside them. A new room gets its line here.

/**
 * By top-level folder. `flat`: the files that may lie in the folder itself, `true` for any. `rooms`: the folders below,
 * where `*` is any one name and `**` any depth; a test lies in the room of the file that it proves.
 */
const rooms = {
  activities: { flat: true },
  api: {
    flat: ['app.ts', 'main.ts', 'routes.ts'],
    rooms: [
      'certificates',
      'citizens',
      'gateway',
      'http',
      'identification',
      'monitoring',
      'office',
      'permanente',
      'registration',
      'sms',
    ],
  },
  bench: { flat: true, rooms: ['baselines'] },
  certificates: {
    flat: ['app.ts', 'main.ts'],
    rooms: ['listener', 'monitoring', 'revocation', 'trust', 'verification'],
  },
  client: { flat: true },
  deploy: { flat: true, rooms: ['**'] },
  docs: { flat: true, rooms: ['adr', 'images'] },
  domain: { flat: true, rooms: ['certificates', 'gateway', 'identity', 'permanente', 'registration'] },
  drills: {
    flat: [],
    rooms: [
      ...['faults', 'fuzz', 'gateway', 'mutations', 'mutations/table', 'overload', 'restore', 'rolling'],
      ...['slow-clients', 'timing', 'certificates', 'python'],
    ],
  },
  gateway: {
    flat: ['app.ts', 'main.ts'],
    rooms: ['flow', 'keys', 'logout', 'monitoring', 'oidc', 'simulator'],
  },
  local: {
    flat: ['bootstrap.mjs', 'compose-env.mjs', 'project-root.ts', 'start.ts'],
    rooms: [
      'bootstrap',
      'card-reader',
      'card-reader/*',
      'demo-administration',
      'fleet',
      'launcher',
      'phone',
      'servers',
      'servers/postgres',
      'servers/temporal',
      'walk',
    ],
  },
  locales: { flat: [], rooms: ['*'] },
  operations: { flat: true, rooms: ['backup', 'codec-server', 'reconcile', 'relying-party', 'trust'] },
  platform: { flat: true },
  portal: {
    flat: [
      'app.ts',
      'identical-wording.test.json',
      'main.ts',
      'pages.test.ts',
      'pages.ts',
      'wording.test.ts',
    ],
    rooms: [
      ...[
        'certificate',
        'content',
        'desk',
        'home',
        'identification/*',
        'my-clave',
        'offices',
        'permanente/*',
      ],
      ...['http', 'page-request'],
    ],
  },
  prisma: { flat: true, rooms: ['generated/**', 'migrations/*'] },
  records: { flat: true },
  test: {
    flat: ['documents.test.ts'],
    rooms: [
      ...['actors', 'browser', 'contract', 'environment', 'histories', 'run'],
      ...['certificates', 'gateway', 'identification', 'office', 'permanente', 'portal', 'registration'],
      ...['activities', 'database', 'http', 'monitoring', 'operations', 'worker', 'workflows/**'],
      ...['deploy', 'secrecy'],
    ],
  },
  tools: { flat: true, rooms: ['architecture'] },
  web: {
    flat: [],
    rooms: ['browser', 'forms', 'http', 'journey', 'layout', 'new-password', 'public', 'styles', 'views'],
  },
  worker: { flat: true },
  workflows: { flat: true, rooms: ['runtime'] },
};

/** A name that says nothing of what a file or folder holds. */
const meaningless = /^(?:common|constants|helpers?|misc|shared|support|types|utils?)$/;

/** Each file in no room, and each file or folder with a name that says nothing. */
export function* roomFindings(files) {
  const foldersSeen = new Set();
  for (const file of files) {
    const [top, ...rest] = file.split('/');
    const name = rest.pop();
    const folder = rest.join('/');
    if (!isPermitted(rooms[top], folder, name)) yield `${file}: in no room of tools/architecture/rooms.mjs`;
    if (meaningless.test(name.split('.')[0])) yield `${file}: a name that says nothing`;
    for (const [index, part] of rest.entries()) {
      const place = [top, ...rest.slice(0, index + 1)].join('/');
      if (meaningless.test(part) && !foldersSeen.has(place))
        yield `${place}: a folder with a name that says nothing`;
      foldersSeen.add(place);
    }
  }
}

function isPermitted(top, folder, name) {
  if (!top) return false;
  if (folder === '') return top.flat === true || top.flat.includes(name);
  return (top.rooms ?? []).some((room) => asPattern(room).test(folder));
}

/** `a/*` as a pattern for one name below `a`, `a/**` for any depth, `a` itself included. */
const asPattern = (room) =>
  new RegExp(
    `^${room.replaceAll(/\/?\*\*?/g, (stars) =>
      stars === '/**' ? '(?:/.+)?' : stars === '**' ? '.+' : stars.replace('*', '[^/]+'),
    )}$`,
  );
