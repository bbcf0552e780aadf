import type { IncomingMessage } from 'node:http';

/** Requests whose bodies are still arriving. They are held in memory, and take no place among those in progress. */
export interface ArrivingBodies {
  /** How many there are. */
  readonly count: number;
  /**
   * Calls `arrived` once the body is whole, or longer than any that is accepted: at once without a body. Calls `evicted`
   * instead if there are too many bytes of bodies, and this one has waited the longest. If the connection closes first,
   * calls neither.
   */
  whenArrived(request: IncomingMessage, on: { arrived: () => void; evicted: () => void }): void;
}

interface Arriving {
  bytes: number;
  readonly evict: () => void;
}

/**
 * `maxBodyBytes`: the longest body that the application accepts; it must not exceed the stream's own buffer (16 KiB), at which
 * Node stops reading. `maxBytes`: of all bodies that arrive. Beyond it the oldest is evicted, since a body of an honest
 * client arrives in milliseconds.
 */
export function createArrivingBodies({
  maxBodyBytes,
  maxBytes,
}: {
  maxBodyBytes: number;
  maxBytes: number;
}): ArrivingBodies {
  // In the order of their arrival.
  const all = new Set<Arriving>();
  let bytes = 0;

  const hasArrived = (request: IncomingMessage): boolean =>
    request.complete || request.readableLength >= maxBodyBytes || declaredLength(request) > maxBodyBytes;

  return {
    get count() {
      return all.size;
    },
    whenArrived(request, { arrived, evicted }) {
      if (!hasBody(request) || hasArrived(request)) return arrived();
      const leave = () => {
        if (!all.delete(arriving)) return;
        bytes -= arriving.bytes;
        request.off('readable', measure);
        request.off('close', leave);
      };
      const arriving: Arriving = {
        bytes: 0,
        evict() {
          leave();
          evicted();
        },
      };
      // Nothing is read: the bytes stay in the stream, where the application's parser finds them.
      const measure = () => {
        bytes += request.readableLength - arriving.bytes;
        arriving.bytes = request.readableLength;
        if (hasArrived(request)) {
          leave();
          return arrived();
        }
        for (const oldest of all) {
          if (bytes <= maxBytes) break;
          oldest.evict();
        }
      };
      all.add(arriving);
      request.on('readable', measure);
      request.on('close', leave);
    },
  };
}

const declaredLength = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

/** Whether a request announces a body. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || declaredLength(request) > 0;
