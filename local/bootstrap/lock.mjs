// One command at a time may change node_modules or generated code.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal, root, say } from './programs.mjs';

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};

function tryTake(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw new Refusal(`${file} cannot be written: ${error.message}`);
  }
  let holder = '';
  try {
    holder = readFileSync(file, 'utf8');
  } catch {
    return false; // just given back
  }
  // An empty file: its holder is about to write its pid. If the holder was killed in between, delete the file by hand.
  if (holder !== '' && !isAlive(Number(holder))) rmSync(file, { force: true });
  return false;
}

/** Runs `work` while no other command does; one that was killed holds nothing. */
export async function exclusively(work) {
  const folder = join(root, '.cache');
  const file = join(folder, 'bootstrap.lock');
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Refusal(`${folder} cannot be made: ${error.message}`);
  }
  for (let tries = 0; !tryTake(file); tries += 1) {
    if (tries === 10) say('Waiting for another command that is installing …');
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
