import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../servers/server-process.ts';

/** A running process, as far as the supervisor needs it. */
export type Running = Pick<ServerProcess, 'pid' | 'exited'> & { stop(): Promise<void> };

/** A process that is kept running. */
export interface SupervisedProcess<Process extends Running = Running> {
  readonly name: string;
  /** Its log file, to point people to. */
  readonly log: string;
  start(): Promise<Process>;
}

/** Why everything must stop, in one line, and the log of the process that died too often. */
export interface RestartsExhausted {
  readonly line: string;
  readonly log: string;
}

/** When a process is started again, and when the supervisor gives up. */
export interface RestartPolicy {
  /** The pause before the first new start; it doubles with each further death within the window. */
  readonly pauseMs: number;
  readonly maxDeaths: number;
  readonly withinMs: number;
}

const usual: RestartPolicy = { pauseMs: 250, maxDeaths: 5, withinMs: 60_000 };

/** Keeps one process running: starts it again when it dies, and gives up when it dies too often. */
export class Supervisor<Process extends Running = Running> {
  readonly #part: SupervisedProcess<Process>;
  readonly #say: (line: string) => void;
  readonly #patience: RestartPolicy;
  readonly #stopping = new AbortController();
  #work: Promise<unknown> = Promise.resolve();
  #current: Process | undefined;
  #lastPid: number | undefined;
  #deaths: number[] = [];
  #giveUp: (why: RestartsExhausted) => void = () => undefined;

  /** Resolves once it has given up; never otherwise. */
  readonly failed: Promise<RestartsExhausted>;

  constructor(
    part: SupervisedProcess<Process>,
    say: (line: string) => void,
    patience: RestartPolicy = usual,
  ) {
    this.#part = part;
    this.#say = say;
    this.#patience = patience;
    this.failed = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  get name(): string {
    return this.#part.name;
  }

  /** Of the process that runs, or ran last; undefined before the first start. */
  get pid(): number | undefined {
    return this.#lastPid;
  }

  /** The first start. @throws the error of the process's `start`: the first start is not repeated. */
  async start(): Promise<Process> {
    const starting = this.#part.start();
    this.#work = starting.catch(() => undefined);
    this.#current = await starting;
    this.#lastPid = this.#current.pid;
    this.#work = this.#watch(this.#current);
    return this.#current;
  }

  async #watch(first: Process): Promise<void> {
    let running: Process | undefined = first;
    while (!this.#stopping.signal.aborted) {
      const why = running
        ? await running.exited.then(({ code, signal }) => signal ?? `exit code ${code}`)
        : 'no start';
      if (this.#stopping.signal.aborted) return;
      if (!(await this.#mayTryAgain(why))) return;
      running = await this.#part.start().catch(() => undefined);
      this.#current = running;
      this.#lastPid = running?.pid ?? this.#lastPid;
    }
  }

  async #mayTryAgain(why: string): Promise<boolean> {
    const { pauseMs, maxDeaths, withinMs } = this.#patience;
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => at > now - withinMs), now];
    const { name, log } = this.#part;
    if (this.#deaths.length >= maxDeaths) {
      this.#giveUp({
        line: `${name} died ${maxDeaths} times within ${withinMs / 1000} s (${why}), so everything stops; its log: ${log}`,
        log,
      });
      return false;
    }
    const pause = pauseMs * 2 ** (this.#deaths.length - 1);
    this.#say(`${name} died (${why}) and is started again in ${pause / 1000} s; its log: ${log}`);
    return sleep(pause, true, { signal: this.#stopping.signal }).catch(() => false);
  }

  /** Stops it for good, also in the middle of a start. May be called again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // A start under way is waited for, as its process could not be stopped otherwise; a running one is asked to end.
    const ending = this.#current?.stop();
    await Promise.all([ending, this.#work]);
    await this.#current?.stop();
  }
}
