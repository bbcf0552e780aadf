import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** Connections that are held open. */
export interface HeldSockets {
  close(): void;
}

/** Opens connections that send `text`, never read, and stay open when the server ends its side. */
export function holdSockets(url: string, count: number, text: string): HeldSockets {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: count }, (): Socket => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.on('error', () => {});
    socket.pause();
    socket.write(text);
    return socket;
  });
  return {
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A POST whose body is announced and never comes. */
export const heldBody = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`;

/** So many requests of one connection, uncompressed, whose replies nobody reads. */
export const unreadReplies = (path: string, times: number): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n`.repeat(times);

/** How often a load was answered with each status. */
export interface Load {
  readonly statuses: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Connections that ask for a path without pause, each for an address of its own behind a proxy. */
export function loadWith(url: string, connections: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const statuses: Record<string, number> = {};
  let isOver = false;
  const ask = (address: string): Promise<void> =>
    new Promise((resolve) => {
      const asked = request(url, { agent, headers: { 'X-Forwarded-For': address } }, (response) => {
        statuses[response.statusCode ?? 0] = (statuses[response.statusCode ?? 0] ?? 0) + 1;
        response
          .resume()
          .on('close', () => resolve())
          .on('error', () => resolve());
      });
      asked.on('error', () => resolve()).end();
    });
  const caller = async (_: unknown, number: number) => {
    for (let time = 0; !isOver; time += 1)
      await ask(`2001:db8:${number.toString(16)}:${(time % 65_536).toString(16)}::1`);
  };
  const callers = Array.from({ length: connections }, caller);
  return {
    statuses,
    async stop() {
      isOver = true;
      await Promise.all(callers);
      agent.destroy();
    },
  };
}
