import { processNames } from '../../local/fleet/process-names.ts';

export const faultKinds = ['kill', 'stop'] as const;
export type FaultKind = (typeof faultKinds)[number];
/** When the fault is injected, relative to the observed requests. */
export const moments = ['before', 'during', 'after'] as const;
export type Moment = (typeof moments)[number];

/** Every journey with its requests: faults are injected around each. */
export const journeySteps = {
  registration: ['register'],
  'online-registration': ['present', 'begin', 'otp'],
  activation: ['wrong-code', 'code', 'wrong-otp', 'otp', 'password'],
  'sign-in': ['sign-in'],
  'sign-in-substantial': ['sign-in', 'otp'],
  'password-change': ['begin', 'otp'],
  'password-reset': ['code', 'otp', 'password'],
  renewal: ['sign-in', 'otp', 'password'],
  regeneration: ['regenerate'],
  suspension: ['suspend'],
  unsubscription: ['begin', 'otp'],
  'registration-again': ['register'],
  block: ['wrong-1', 'wrong-2', 'wrong-3', 'wrong-4', 'wrong-5', 'wrong-6'],
  'not-me': ['not-me'],
  identification: ['request', 'sign-in', 'otp', 'confirm', 'redeem'],
  'identification-cancelled': ['cancel'],
} as const satisfies Record<string, readonly string[]>;
export type JourneyName = keyof typeof journeySteps;

/** One request of one journey. */
export interface JourneyRequest {
  readonly journey: JourneyName;
  readonly step: string;
}

/** All of them, in the order of the table. */
export const journeyRequests: readonly JourneyRequest[] = Object.entries(journeySteps).flatMap(
  ([journey, steps]) => steps.map((step) => ({ journey: journey as JourneyName, step })),
);

/** The journeys that go through the gateway. */
const journeysAtGateway: readonly JourneyName[] = ['identification', 'identification-cancelled'];
const requestsAtGateway: readonly JourneyRequest[] = journeyRequests.filter(({ journey }) =>
  journeysAtGateway.includes(journey),
);

/** Those in which a certificate is presented. */
const requestsAtListener: readonly JourneyRequest[] = journeyRequests.filter(
  ({ step }) => step === 'present',
);

/** The processes into which faults are injected. `card-reader`: it has the responders of its cards' issuers. */
export const faultyProcesses = [...processNames, 'gateway', 'certificates', 'card-reader'] as const;
export type FaultyProcess = (typeof faultyProcesses)[number];

/** The requests of those that not every journey goes through. */
export const requestsAt: Partial<Record<FaultyProcess, readonly JourneyRequest[]>> = {
  gateway: requestsAtGateway,
  certificates: requestsAtListener,
  'card-reader': requestsAtListener,
};

/** One run: one fault, and the requests that citizens send around it. */
export interface Plan {
  readonly seed: number;
  readonly processName: FaultyProcess;
  readonly fault: FaultKind;
  readonly moment: Moment;
  /** From the fault to the requests (before), from the requests to the fault (during), from the answers to it (after). */
  readonly offsetMs: number;
  /** How long a stopped process stays so. */
  readonly stopMs: number;
  readonly requests: readonly JourneyRequest[];
  /** Chooses among the variants of a journey: 0, 1 or 2. */
  readonly variant: number;
}

/** Citizens in one run. */
export const citizensPerRun = 5;
const combinations = faultyProcesses.length * moments.length * faultKinds.length;
/** Consecutive seeds that cover each request with each fault of each process at each moment at least once. */
export const runsForAll = combinations * Math.ceil(journeyRequests.length / citizensPerRun);

/** Reproducible numbers in [0, 1) from a seed (mulberry32); not for secrets. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The run of a seed, a pure function of it. `journey`: all of its requests are of this one. */
export function planOf(seed: number, journey?: JourneyName): Plan {
  const random = randomFrom(seed);
  const combination = seed % combinations;
  const round = Math.floor(seed / combinations);
  const processName = faultyProcesses[combination % faultyProcesses.length] as FaultyProcess;
  const ofAll = requestsAt[processName] ?? journeyRequests;
  const places = journey === undefined ? ofAll : journeyRequests.filter((place) => place.journey === journey);
  const moment = moments[Math.floor(combination / faultyProcesses.length) % moments.length] as Moment;
  const fault = faultKinds[Math.floor(combination / faultyProcesses.length / moments.length)] as FaultKind;
  const first = combination * 7 + round * citizensPerRun;
  return {
    seed,
    processName,
    fault,
    moment,
    offsetMs: Math.round(offsets[moment](random())),
    stopMs: Math.round(stopLength(random(), random())),
    requests: Array.from(
      { length: citizensPerRun },
      (_, index) => places[(first + index) % places.length] as JourneyRequest,
    ),
    variant: Math.floor(random() * 3),
  };
}

// Most requests take a few dozen milliseconds: faults are densest there.
const offsets: Readonly<Record<Moment, (random: number) => number>> = {
  before: (random) => 600 * random,
  during: (random) => 2 + 350 * random ** 2,
  after: (random) => 200 * random ** 2,
};

/** Mostly shorter than any timeout, at times longer than those of the API and its clients. */
const stopLength = (which: number, random: number): number =>
  which < 0.5 ? 50 + 450 * random : which < 0.85 ? 500 + 2_500 * random : 3_000 + 5_000 * random;
