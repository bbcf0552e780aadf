import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { claimPort, LOOPBACK } from './ports.ts';

const claim = (port: number) => claimPort(port, 'a server', 'PORT');

test('any port is another for each caller, and none that a system gives to outgoing connections', async () => {
  const ports = await Promise.all(Array.from({ length: 300 }, () => claim(0)));
  expect(new Set(ports).size).toBe(300);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test('a port that is taken is refused with the setting that changes it', async () => {
  const port = await claim(0);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(port, LOOPBACK, resolve));
  try {
    await expect(claim(port)).rejects.toThrow(
      `Port ${port}, meant for a server, is taken by another program: free it, or set PORT to another.`,
    );
  } finally {
    taken.close();
  }
});
