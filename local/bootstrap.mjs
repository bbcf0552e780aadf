// The entry of `npm start`, `npm test` and the like: on a fresh clone it installs first what is missing.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Node ${process.versions.node} is too old: Node 20.19 or newer is needed.\n`);
  process.exit(1);
}

const { root } = await import('./bootstrap/programs.mjs');
process.chdir(root);

const { commands } = await import('./bootstrap/commands.mjs');
const { makeReady } = await import('./bootstrap/install.mjs');
const [name = '', ...args] = process.argv.slice(2);

/** npm signals only its shell, which exits without forwarding: a changed parent means stop. */
function stopWithNpm() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

if (process.env.npm_lifecycle_event) stopWithNpm();

try {
  const command = commands[name];
  if (!command) throw new Error(`Which of these? ${Object.keys(commands).join(', ')}`);
  await makeReady();
  // Native handles may still be open when all is done.
  const code = await command(args);
  // Not before the output is written: of a pipe, `process.exit` cuts off what its reader has not taken yet.
  process.stdout.write('', () => process.exit(code));
} catch (error) {
  // One line for what people can mend; a stack only where the fault is ours.
  const known =
    ['LocalServerError', 'SettingsError', 'Refusal'].includes(error.name) || error.constructor === Error;
  process.stderr.write(`${known ? error.message : error.stack}\n`);
  process.exit(1);
}
