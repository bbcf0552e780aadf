import { type DataFolder, freshLog } from '../launcher/data-folder.ts';
import type { Environment, Ports } from '../launcher/settings.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres-server.ts';
import type { ServerProcess } from '../servers/server-process.ts';
import { startTemporal, type TemporalServer } from '../servers/temporal-server.ts';
import type { ChildRegistry } from './child-registry.ts';
import { startNodeChild } from './node-child.ts';
import { type RestartsExhausted, type Running, Supervisor } from './supervisor.ts';

// The pages and the API first, so that nobody begins what cannot be finished; the databases last, as all others write to them.
const STOP_ORDER = ['portal', 'api', 'worker', 'codec', 'phone', 'temporal', 'postgres'];

/** Everything that this launcher keeps running. */
export class Fleet {
  readonly #folder: DataFolder;
  readonly #children: ChildRegistry;
  readonly #say: (line: string) => void;
  readonly #supervisors = new Map<string, Supervisor>();
  #passing: ServerProcess | undefined;
  #stopping = false;
  #giveUp: (why: RestartsExhausted) => void = () => undefined;

  /** Resolves when one of them dies too often. */
  readonly failed: Promise<RestartsExhausted>;

  constructor(folder: DataFolder, children: ChildRegistry, say: (line: string) => void) {
    this.#folder = folder;
    this.#children = children;
    this.#say = say;
    this.failed = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  async #keep<Process extends Running>(
    name: string,
    start: (log: string, onSpawn: (pid: number) => void) => Promise<Process>,
  ): Promise<Process> {
    if (this.#stopping) throw new Error('stopping');
    const log = freshLog(this.#folder, name);
    const onSpawn = (pid: number) => this.#children.started(name, pid);
    const supervisor = new Supervisor({ name, log, start: () => start(log, onSpawn) }, this.#say);
    this.#supervisors.set(name, supervisor as unknown as Supervisor);
    void supervisor.failed.then(this.#giveUp);
    return supervisor.start();
  }

  postgres({ POSTGRES_PORT: port }: Ports): Promise<PostgresServer> {
    const { postgres: dataDir } = this.#folder;
    return this.#keep('postgres', (log, onSpawn) => startPostgres({ dataDir, port, log, onSpawn }));
  }

  temporal(
    { TEMPORAL_PORT: port, TEMPORAL_UI_PORT: uiPort }: Ports,
    uiCodecEndpoint?: string,
  ): Promise<TemporalServer> {
    const { temporalDb: dbFile } = this.#folder;
    const codec = uiCodecEndpoint === undefined ? {} : { uiCodecEndpoint };
    return this.#keep('temporal', (log, onSpawn) =>
      startTemporal({ dbFile, port, uiPort, log, onSpawn, ...codec }),
    );
  }

  /** One of our own processes, from its source. */
  async node(name: string, script: string, env: Environment): Promise<void> {
    await this.#keep(name, (log, onSpawn) => startNodeChild({ script, env, log, onSpawn }));
  }

  /** Runs one of our own processes to its end. @returns its exit code and the end of what it said. */
  async once(
    name: string,
    script: string,
    env: Environment,
  ): Promise<{ code: number | null; output: string }> {
    if (this.#stopping) throw new Error('stopping');
    const log = freshLog(this.#folder, name);
    const child = await startNodeChild({
      script,
      env,
      log,
      onSpawn: (pid) => this.#children.started(name, pid),
    });
    const { code } = await child.exited;
    return { code, output: child.output().trim() };
  }

  /** Stops all, one after the other. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#passing?.stop();
    for (const name of STOP_ORDER) await this.#supervisors.get(name)?.stop();
    this.#children.forget();
  }
}
