// What docs/supply-chain.md promises of package.json and package-lock.json.
import { readFileSync } from 'node:fs';
import semver from 'semver';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { dependencies, devDependencies, overrides, allowScripts, engines } = read('package.json');
const lock = read('package-lock.json').packages;
/** The oldest Node that the project says it runs on. */
const oldest = semver.minVersion(engines.node);
/** Packages that want a newer one, and why that does not matter. */
const neverLoaded = { '@prisma/streams-local': 'a part of `prisma dev`, which nothing here runs' };

const findings = [...ranges(), ...locked(), ...scripts(), ...images()];
process.stdout.write(findings.map((line) => `${line}\n`).join(''));
process.stdout.write(`packages: ${Object.keys(lock).length}, ${findings.length} findings\n`);
process.exit(findings.length === 0 ? 0 : 1);

/** One version each, and no address that another could answer at. */
function* ranges() {
  for (const [group, packages] of Object.entries({ dependencies, devDependencies, overrides }))
    for (const [name, version] of leaves(packages))
      if (!semver.valid(version)) yield `package.json: ${group}: ${name} is no exact version: ${version}`;
}

/** The versions named in a group; overrides may nest. */
function* leaves(packages, above = '') {
  for (const [name, version] of Object.entries(packages))
    if (typeof version === 'string') yield [above + name, version];
    else yield* leaves(version, `${above}${name} > `);
}

/** Contents by their hash and not by a host; and nothing that the oldest Node cannot run. */
function* locked() {
  for (const [path, { resolved, integrity, link, engines: needs }] of Object.entries(lock)) {
    if (path === '') continue;
    const name = nameOf(path);
    if (resolved) yield `package-lock.json: ${path} names a host`;
    if (link || !/^sha512-/.test(integrity ?? ''))
      yield `package-lock.json: ${path} has no SHA-512 of its contents`;
    if (needs?.node && !semver.satisfies(oldest, needs.node) && !(name in neverLoaded))
      yield `package-lock.json: ${path} needs Node ${needs.node}`;
  }
}

/** Every package that wants to run something when it is installed is allowed or denied by name, and no other is named. */
function* scripts() {
  const wanting = new Set(
    Object.entries(lock)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => nameOf(path)),
  );
  for (const [name, allowed] of Object.entries(allowScripts)) {
    if (!/^(@[a-z0-9._-]+\/)?[a-z0-9._-]+$/.test(name) || typeof allowed !== 'boolean')
      yield `package.json: allowScripts: ${name} is not a name with true or false`;
    else if (!wanting.has(name)) yield `package.json: allowScripts: ${name} has no install script`;
  }
  for (const name of wanting)
    if (!(name in allowScripts)) yield `package.json: allowScripts: ${name} is neither allowed nor denied`;
}

/** Images by exact version, and no install in one that runs scripts before they are known to be allowed. */
function* images() {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const stages = new Set([...dockerfile.matchAll(/ AS (\S+)$/gm)].map(([, stage]) => stage));
  const compose = readFileSync('docker-compose.yml', 'utf8');
  const named = [
    ...[...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image),
    ...[...compose.matchAll(/^ +image: (\S+)/gm)].map(([, image]) => image),
  ];
  for (const image of named)
    if (!stages.has(image) && !/(?::\d+\.\d+(?:\.\d+)?[\w.-]*|@sha256:[0-9a-f]{64})$/.test(image))
      yield `${image}: no exact version`;
  for (const [install] of dockerfile.matchAll(/npm (?:ci|i|install)\b[^&\n]*/g))
    if (!install.includes('--ignore-scripts'))
      yield `Dockerfile: ${install.trim()}: without --ignore-scripts`;
}

function nameOf(path) {
  return path.replace(/^.*node_modules\//, '');
}
