import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createArrivingBodies } from './arriving-bodies.ts';

/** Connections of one server at a time. Node closes further ones unanswered. */
export const maxConnections = 4_096;

/** A server without a free slot for so long (ms) is not ready. */
const exhaustedAfterMs = 30_000;
/** A slot that is free for a shorter time (ms) is not counted as free: under a flood the next request takes it. */
const freeMomentMs = 1_000;

export interface AdmissionOptions {
  /** Requests in progress at a time. */
  readonly maxConcurrent: number;
  /** A request whose reply the client has not taken after this time (ms) has its connection destroyed. */
  readonly deadlineMs: number;
  /** The longest body that the application accepts. */
  readonly maxBodyBytes: number;
  /** The bytes of all bodies that are arriving. */
  readonly maxArrivingBytes: number;
  /** Requests that are always admitted, such as those of probes. */
  readonly isExempt: (request: IncomingMessage) => boolean;
  /** Writes the refusal: 503. The rest of the request is not read, so it must close the connection. */
  readonly refuse: (request: IncomingMessage, response: ServerResponse) => void;
  /** The clock (ms); only differences count. */
  readonly now?: () => number;
}

/** Admission control in front of an application. */
export interface Admission {
  /**
   * The application behind it. Beyond `maxConcurrent` requests in progress, further ones are refused before any middleware
   * runs, which makes a refusal cheap. Admitted requests start one per event-loop turn, so that probes are answered in
   * between. A request takes its slot once its body has arrived.
   */
  admit(application: RequestListener): RequestListener;
  readonly inProgress: number;
  readonly free: number;
  /** Requests that wait for their bodies. */
  readonly arriving: number;
  /** Requests refused so far. */
  readonly refused: number;
  /** Whether no slot has been free for half a minute, but for moments. */
  readonly isExhausted: boolean;
}

/** Creates the admission control of one server. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { maxConcurrent, isExempt } = options;
  const slots = createSlots(options);
  const bodies = createArrivingBodies({
    maxBodyBytes: options.maxBodyBytes,
    maxBytes: options.maxArrivingBytes,
  });
  const startInNextTurn = createEventLoopQueue();
  let refused = 0;
  const refuse = (request: IncomingMessage, response: ServerResponse) => {
    refused += 1;
    options.refuse(request, response);
  };
  return {
    admit: (application) => (request, response) => {
      if (isExempt(request)) return application(request, response);
      // Node discards the rest of a body only if nothing has touched it.
      response.once('finish', () => request.resume());
      bodies.whenArrived(request, {
        arrived() {
          const slot = slots.acquire(request, response);
          if (!slot) return refuse(request, response);
          startInNextTurn(() => {
            if (slot.isHeld()) application(request, response);
          });
        },
        evicted: () => refuse(request, response),
      });
    },
    get inProgress() {
      return slots.inProgress;
    },
    get free() {
      return maxConcurrent - slots.inProgress;
    },
    get arriving() {
      return bodies.count;
    },
    get refused() {
      return refused;
    },
    get isExhausted() {
      return slots.isExhausted;
    },
  };
}

interface Slot {
  /** False once the application has ended its reply or the connection is closed. */
  isHeld(): boolean;
}

/**
 * The slots for requests in progress. A slot is released once, when the application has ended its reply or the connection
 * closes. The client need not have taken the reply: only the deadline waits for that, so that clients that do not read hold
 * connections and no slots.
 */
function createSlots({ maxConcurrent, deadlineMs, now = () => performance.now() }: AdmissionOptions) {
  let inProgress = 0;
  /** Since when there has been no free slot but for moments; and since when there is one again. */
  let exhaustedAtMs: number | undefined;
  let freeAtMs: number | undefined;
  // By connection. Each request removes its function from the set when it ends.
  const openOn = new WeakMap<Socket, Set<() => void>>();

  const hasRecovered = () => freeAtMs !== undefined && now() - freeAtMs >= freeMomentMs;

  const openRequestsOf = (socket: Socket): Set<() => void> => {
    const known = openOn.get(socket);
    if (known) return known;
    const closings = new Set<() => void>();
    openOn.set(socket, closings);
    // One listener a connection, however many requests it carries: a reply that waits behind another on a pipelined
    // connection emits no `close` of its own.
    socket.once('close', () => {
      for (const close of closings) close();
    });
    return closings;
  };

  return {
    get inProgress() {
      return inProgress;
    },
    get isExhausted() {
      return exhaustedAtMs !== undefined && !hasRecovered() && now() - exhaustedAtMs >= exhaustedAfterMs;
    },
    /** Returns undefined when all slots are taken. */
    acquire({ socket }: IncomingMessage, response: ServerResponse): Slot | undefined {
      if (inProgress >= maxConcurrent || socket.destroyed) return undefined;
      inProgress += 1;
      if (inProgress === maxConcurrent) {
        if (exhaustedAtMs === undefined || hasRecovered()) exhaustedAtMs = now();
        freeAtMs = undefined;
      }
      const closings = openRequestsOf(socket);
      // destroy(), not end(): a FIN leaves the connection open for as long as the client ignores it.
      const deadline = setTimeout(() => socket.destroy(), deadlineMs);
      let isHeld = true;
      const release = () => {
        if (!isHeld) return;
        isHeld = false;
        inProgress -= 1;
        freeAtMs ??= now();
      };
      const close = () => {
        closings.delete(close);
        clearTimeout(deadline);
        release();
      };
      closings.add(close);
      response.once('close', close);
      onceEnded(response, release);
      return { isHeld: () => isHeld };
    },
  };
}

/** Calls `ended` once the application has ended the reply. `finish` waits for the client, on a pipelined connection for others. */
function onceEnded(response: ServerResponse, ended: () => void): void {
  const { end } = response;
  // A constant first: V8 would keep a function expression that is assigned to a property, and the request (docs/adr/0065).
  const endAndTell = (...args: Parameters<ServerResponse['end']>) => {
    const result = Reflect.apply(end, response, args);
    ended();
    return result;
  };
  response.end = endAndTell as ServerResponse['end'];
}

/** Starts each task in an event-loop turn of its own. */
function createEventLoopQueue(): (start: () => void) => void {
  const queue: (() => void)[] = [];
  const startNext = () => {
    queue.shift()?.();
    if (queue.length > 0) setImmediate(startNext);
  };
  return (start) => {
    if (queue.push(start) === 1) setImmediate(startNext);
  };
}
