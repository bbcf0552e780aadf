import { type DataFolder, freshLog } from '../launcher/data-folder.ts';
import type { Environment, Ports } from '../launcher/settings.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres-server.ts';
import { startTemporal, type TemporalServer } from '../servers/temporal-server.ts';
import type { ChildRegistry } from './child-registry.ts';
import { startNodeChild } from './node-child.ts';
import { type RestartPolicy, type RestartsExhausted, type Running, Supervisor } from './supervisor.ts';

// The pages, the gateway and the API first, so that no request begins that cannot be finished; the databases last, as all others
// write to them. Names that are not listed stop before all.
const stopOrder = [
  ...['demo', 'certificates', 'card-reader', 'gateway', 'portal', 'api', 'worker', 'codec', 'phone'],
  ...['temporal', 'postgres'],
];

/** What a benchmark or a drill does otherwise than `npm start`. */
export interface FleetOptions {
  /** Where `build` has put the compiled scripts; from source without it. */
  readonly builtFolder?: string;
  readonly restartPolicy?: RestartPolicy;
  /** Settings that a process gets besides its own, by its name. */
  readonly environmentOf?: Readonly<Record<string, Environment>>;
  /** Options of Node itself, by the name of the process. */
  readonly nodeOptionsOf?: Readonly<Record<string, readonly string[]>>;
  /** Databases that forget at a crash and start sooner. */
  readonly ephemeral?: boolean;
}

/** The processes of a service, each kept running by a supervisor. */
export class Fleet {
  readonly #folder: DataFolder;
  readonly #children: ChildRegistry;
  readonly #say: (line: string) => void;
  readonly #options: FleetOptions;
  readonly #supervisors = new Map<string, Supervisor>();
  #stopping = false;
  #fail: (why: RestartsExhausted) => void = () => undefined;

  /** Resolves when one of them dies too often. */
  readonly failed: Promise<RestartsExhausted>;

  constructor(
    folder: DataFolder,
    children: ChildRegistry,
    say: (line: string) => void,
    options: FleetOptions = {},
  ) {
    this.#folder = folder;
    this.#children = children;
    this.#say = say;
    this.#options = options;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  async #keep<Process extends Running>(
    name: string,
    start: (log: string, onSpawn: (pid: number) => void) => Promise<Process>,
  ): Promise<Process> {
    if (this.#stopping) throw new Error('stopping');
    const log = freshLog(this.#folder, name);
    const onSpawn = (pid: number) => this.#children.started(name, pid);
    const process = { name, log, start: () => start(log, onSpawn) };
    const supervisor = new Supervisor(process, this.#say, this.#options.restartPolicy);
    this.#supervisors.set(name, supervisor as unknown as Supervisor);
    void supervisor.failed.then(this.#fail);
    return supervisor.start();
  }

  startPostgres({ POSTGRES_PORT: port }: Ports): Promise<PostgresServer> {
    const { postgres: dataDir } = this.#folder;
    const { ephemeral = false } = this.#options;
    return this.#keep('postgres', (log, onSpawn) =>
      startPostgres({ dataDir, port, log, onSpawn, ephemeral }),
    );
  }

  startTemporal(
    { TEMPORAL_PORT: port, TEMPORAL_UI_PORT: uiPort }: Ports,
    uiCodecEndpoint?: string,
  ): Promise<TemporalServer> {
    const { temporalDb: dbFile } = this.#folder;
    const codec = uiCodecEndpoint === undefined ? {} : { uiCodecEndpoint };
    const storage = this.#options.ephemeral ? {} : { dbFile };
    return this.#keep('temporal', (log, onSpawn) =>
      startTemporal({ port, uiPort, log, onSpawn, ...storage, ...codec }),
    );
  }

  /** Keeps one of our own processes running. */
  async startNode(name: string, script: string, env: Environment): Promise<void> {
    const child = this.#nodeChild(name, script, env);
    await this.#keep(name, (log, onSpawn) => startNodeChild({ ...child, log, onSpawn }));
  }

  /** Runs one of our own processes to its end. @returns its exit code and the end of its output. */
  async runToExit(
    name: string,
    script: string,
    env: Environment,
    { args = [], isLogged = true }: { args?: readonly string[]; isLogged?: boolean } = {},
  ): Promise<{ code: number | null; output: string }> {
    if (this.#stopping) throw new Error('stopping');
    const child = await startNodeChild({
      ...this.#nodeChild(name, script, env),
      args,
      log: isLogged ? freshLog(this.#folder, name) : undefined,
      onSpawn: (pid) => this.#children.started(name, pid),
    });
    const { code } = await child.exited;
    return { code, output: child.output().trim() };
  }

  #nodeChild(name: string, script: string, env: Environment) {
    const { builtFolder, environmentOf = {}, nodeOptionsOf = {} } = this.#options;
    const nodeOptions = nodeOptionsOf[name] ?? [];
    return { script, env: { ...env, ...environmentOf[name] }, builtFolder, nodeOptions };
  }

  /** The process that runs under a name now, or ran last. @throws RangeError for a name that was never started */
  pidOf(name: string): number {
    const pid = this.#supervisors.get(name)?.pid;
    // 0 would be our own process group to `kill`.
    if (!pid) throw new RangeError(`no process ${name}`);
    return pid;
  }

  /** Stops all, one after the other. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const others = [...this.#supervisors.keys()].filter((name) => !stopOrder.includes(name));
    for (const name of [...others, ...stopOrder]) await this.#supervisors.get(name)?.stop();
    this.#children.forget();
  }
}
