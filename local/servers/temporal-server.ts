import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { searchAttributes } from '../../domain/search-attributes.ts';
import { LocalServerError } from './local-server-error.ts';
import { claimPort, LOOPBACK } from './ports.ts';
import { type Exit, type OnSpawn, startProcess } from './server-process.ts';
import { temporalBinary } from './temporal/binary.ts';

export { temporalBinary } from './temporal/binary.ts';

/** How to start Temporal's dev server. */
export interface TemporalOptions {
  /** Its SQLite file, made if missing; without one it forgets everything when it stops, and dies with us. */
  readonly dbFile?: string;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** The pages for people; 0 takes any free port, undefined serves none. */
  readonly uiPort?: number;
  /** Where the pages for people have encrypted payloads decoded. */
  readonly uiCodecEndpoint?: string;
  /** Prometheus metrics; undefined takes a free port that is not published, as the server has no switch for "none". */
  readonly metricsPort?: number;
  /** Namespaces beside `default`; they too know our search attributes. */
  readonly namespaces?: readonly string[];
  /**
   * For tests: the worker gets an activity together with the answer to the task that scheduled it, not from the task queue.
   * That is a twentieth less work for the processors. Deployments and `npm start` have the queue.
   */
  readonly eagerActivities?: boolean;
  /** A file that its log is appended to. */
  readonly log?: string;
  readonly onSpawn?: OnSpawn;
}

/** A running dev server with the namespace `default` and our search attributes. */
export interface TemporalServer {
  /** host:port, for `Connection.connect`. */
  readonly address: string;
  readonly port: number;
  readonly uiUrl?: string;
  readonly uiPort?: number;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
}

// In the format of the server's flag. The attributes are declared in domain/, which the workflows import too.
const TYPES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', DATETIME: 'Datetime' } as const;

// The queues are polled every 50 ms by default, which a citizen who waits would feel in every step.
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  // By default the next run of a workflow is delayed until a second after the last one started.
  'history.workflowIdReuseMinimalInterval="0s"',
];

// Twice the throughput of SQLite's defaults; NORMAL under WAL loses nothing when the process dies.
const PRAGMAS = ['journal_mode=WAL', 'synchronous=NORMAL'];

const each = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [flag, value]);

function flags(options: TemporalOptions, port: number, uiPort: number | undefined): string[] {
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port), '--log-level', 'error'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(options.uiCodecEndpoint === undefined ? [] : ['--ui-codec-endpoint', options.uiCodecEndpoint]),
    ...(options.metricsPort === undefined ? [] : ['--metrics-port', String(options.metricsPort)]),
    ...(options.dbFile === undefined
      ? []
      : ['--db-filename', options.dbFile, ...each('--sqlite-pragma', PRAGMAS)]),
    ...each(
      '--search-attribute',
      searchAttributes.map(({ name, type }) => `${name}=${TYPES[type]}`),
    ),
    ...each('--namespace', options.namespaces ?? []),
    ...each('--dynamic-config-value', [
      ...DYNAMIC_CONFIG,
      ...(options.eagerActivities ? ['system.enableActivityEagerExecution=true'] : []),
    ]),
  ];
}

/** The server ends at once if a port that it picked for itself was taken in the same moment: then it is started again. */
const tries = 3;

/**
 * Starts Temporal's dev server and waits until it answers and knows our search attributes.
 * @throws LocalServerError with one line: port taken, no binary, or the last line that the server wrote.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await start(options);
    } catch (error) {
      if (!(error instanceof EndedAtOnce) || left === 0) throw error;
    }
  }
}

class EndedAtOnce extends LocalServerError {}

async function start(options: TemporalOptions): Promise<TemporalServer> {
  const [binary, port] = await Promise.all([
    temporalBinary('temporal'),
    claimPort(options.port, 'Temporal', 'TEMPORAL_PORT'),
  ]);
  const uiPort =
    options.uiPort === undefined
      ? undefined
      : await claimPort(options.uiPort, "Temporal's UI", 'TEMPORAL_UI_PORT');
  if (options.dbFile !== undefined) mkdirSync(dirname(options.dbFile), { recursive: true });
  const server = await startProcess({
    command: binary,
    args: flags(options, port, uiPort),
    // Its own variables (TEMPORAL_ADDRESS, profiles) would be read as flags.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
    log: options.log,
    ownGroup: options.dbFile !== undefined,
    onSpawn: options.onSpawn,
  });
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  const address = `${LOOPBACK}:${port}`;
  // Loaded while the server starts: the client takes half a second.
  const { untilReady } = await import('./temporal/readiness.ts');
  const names = searchAttributes.map(({ name }) => name);
  const namespaces = ['default', ...(options.namespaces ?? [])];
  const isReady = await untilReady(address, namespaces, names, Date.now() + 60_000, () => ended);
  // Another server may have taken the port in the meantime: then that one answers, and ours is about to end.
  if (options.port === 0) await sleep(250);
  if (!isReady || ended) {
    await server.stop();
    const last = server.output().trim().split('\n').at(-1) || 'it said nothing';
    const Failure = ended ? EndedAtOnce : LocalServerError;
    throw new Failure(`Temporal did not start on port ${port}: ${last}`);
  }
  return {
    address,
    port,
    ...(uiPort === undefined ? {} : { uiPort, uiUrl: `http://${LOOPBACK}:${uiPort}` }),
    pid: server.pid,
    exited: server.exited,
    stop: () => server.stop(),
  };
}
