import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Small buffers: those of loopback take megabytes, and a client that does not read would not be noticed. */
const smallBuffers =
  'ip link set lo up && echo "4096 16384 65536" > /proc/sys/net/ipv4/tcp_wmem && echo "4096 16384 65536" > /proc/sys/net/ipv4/tcp_rmem';

/** Whether this machine lets us have a network namespace of our own: as root of Linux. */
export const hasNetworkNamespace = (): boolean =>
  spawnSync('unshare', ['-n', 'sh', '-c', smallBuffers], { stdio: 'ignore' }).status === 0;

/**
 * Runs a script of ours in a network namespace with small buffers, or, without one, as any process.
 * @returns what it printed @throws Error with its last words
 */
export async function runScript(
  args: readonly string[],
  { inNamespace }: { inNamespace: boolean },
): Promise<string> {
  const node = [process.execPath, '--import', 'tsx', ...args];
  const [command = '', ...rest] = inNamespace
    ? ['unshare', '-n', 'sh', '-c', `${smallBuffers} && exec "$@"`, 'sh', ...node]
    : node;
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complained, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${complained.slice(-4_000)}`);
  return said;
}
