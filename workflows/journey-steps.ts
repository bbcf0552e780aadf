import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { after } from '../domain/durations.ts';
import { type JourneyKind, type JourneyOutcome, lastStep } from '../domain/journeys.ts';
import { activation } from './activation.ts';
import { ignoreCancellation } from './cancellation.ts';
import type { Citizen } from './citizen-state.ts';
import { type Journey, JourneyEnded } from './journey.ts';
import type { OtpEntry, PasswordChoice } from './messages.ts';
import { passwordChange } from './password-change.ts';
import { startedClock } from './password-clock.ts';
import { passwordReset } from './password-reset.ts';
import { durable } from './proxies.ts';
import { signIn } from './sign-in.ts';
import { sendCode } from './sms-code.ts';
import { unsubscription } from './unsubscription.ts';

/** The story of each kind of journey, told in its own file. */
const stories: Readonly<Record<JourneyKind, (journey: JourneySteps) => Promise<JourneyOutcome>>> = {
  activation,
  'password-reset': passwordReset,
  'password-change': passwordChange,
  unsubscription,
  'sign-in': signIn,
};

/** The steps that journeys share, as a story calls them: each waits until the citizen has taken it. */
export class JourneySteps {
  private readonly journey: Journey;
  private readonly citizen: Citizen;

  constructor(journey: Journey, citizen: Citizen) {
    this.journey = journey;
    this.citizen = citizen;
  }

  /** Texts the code and waits for it. @throws VisitOver */
  async confirmBySms(): Promise<void> {
    this.citizen.inBackground(sendCode(this.citizen, this.journey));
    await this.until(() => this.journey.confirmation !== undefined);
  }

  /**
   * Puts a new password in force that the API has checked, hashed and staged, together with the end of the journey, in
   * one transaction; waits for it, unless the journey began with it. The clock of the two years starts. @throws VisitOver
   */
  async setNewPassword(outcome: JourneyOutcome): Promise<void> {
    const { journey } = this;
    if (journey.stagedPasswordId) {
      const { journeyId, messageId, requestId, answerByMs } = this.confirmation();
      journey.choice = {
        journeyId,
        messageId,
        requestId,
        answerByMs,
        stagedPasswordId: journey.stagedPasswordId,
      };
    } else {
      journey.step = 'password';
    }
    while (!journey.hasEnded) {
      await this.until(() => journey.choice !== undefined);
      await this.decide(() => this.save(journey.choice as PasswordChoice, outcome));
    }
  }

  /** Opens a session for the password that was right at the beginning, if it is still in force. @throws VisitOver */
  openSession(outcome: JourneyOutcome): Promise<void> {
    const { journey, citizen } = this;
    const { session, messageId, requestId } = this.confirmation();
    const { passwordId } = journey.authority ?? {};
    return this.decide(async () => {
      if (!session || !passwordId) return journey.finish('superseded', messageId);
      const startedAtMs = Date.now();
      const opened = await durable((write) =>
        write.openSession({
          ...{ ...session, citizenId: citizen.id, journeyId: journey.id, passwordId, outcome, requestId },
          ...{
            finishedBy: messageId,
            startedAtMs,
            endsAtMs: after(startedAtMs, journey.policy.session.absolute),
          },
        }),
      );
      journey.finish(opened.kind === 'opened' ? outcome : 'superseded', messageId);
    });
  }

  /** Destroys password, code and sessions; the registration stays known. @throws VisitOver */
  leave(outcome: JourneyOutcome): Promise<void> {
    const { journey, citizen } = this;
    const { messageId, requestId } = this.confirmation();
    const { authority } = journey;
    return this.decide(async () => {
      if (!authority) return journey.finish('superseded', messageId);
      const leaving = { citizenId: citizen.id, journeyId: journey.id, authority, outcome, requestId };
      const left = await durable((write) =>
        write.unsubscribe({ ...leaving, finishedBy: messageId, leftAtMs: Date.now() }),
      );
      if (left.kind !== 'left') return journey.finish('superseded', messageId);
      journey.finish(outcome, messageId);
      citizen.unsubscribe();
      citizen.notify('unsubscribed', journey.id);
    });
  }

  private async save(choice: PasswordChoice, outcome: JourneyOutcome): Promise<void> {
    const { journey, citizen } = this;
    const { authority } = journey;
    const setAtMs = Date.now();
    const expiresAtMs = after(setAtMs, journey.policy.passwordLife);
    const saved = await durable((write) =>
      write.savePassword({
        ...{
          passwordId: choice.stagedPasswordId,
          citizenId: citizen.id,
          journeyId: journey.id,
          kind: journey.kind,
        },
        ...{ outcome, finishedBy: choice.messageId, requestId: choice.requestId, setAtMs, expiresAtMs },
        ...(authority && { authority }),
      }),
    );
    if (saved.kind === 'superseded') return journey.finish('superseded', choice.messageId);
    // Used before, or staged for somebody else: only who writes to Temporal past the API can bring that about.
    if (saved.kind === 'refused') {
      if (journey.stagedPasswordId) return journey.finish('superseded', choice.messageId);
      journey.choice = undefined;
      return;
    }
    citizen.password = startedClock(
      choice.stagedPasswordId,
      expiresAtMs,
      setAtMs,
      journey.policy.passwordReminders,
    );
    journey.passwordExpiresAtMs = expiresAtMs;
    journey.finish(outcome, choice.messageId);
    citizen.endJourneys('superseded');
    citizen.notify('password-set', journey.id);
  }

  /** In the citizen's turn, and not to be ended by a deadline: what PostgreSQL decides, stands. @throws VisitOver */
  private decide(work: () => Promise<void>): Promise<void> {
    const { journey, citizen } = this;
    return citizen.runExclusive(undefined, async () => {
      if (journey.hasEnded) throw new JourneyEnded();
      journey.isSaving = true;
      try {
        await work();
      } finally {
        journey.isSaving = false;
      }
    });
  }

  private confirmation(): OtpEntry {
    if (!this.journey.confirmation) throw new JourneyEnded();
    return this.journey.confirmation;
  }

  private async until(isSo: () => boolean): Promise<void> {
    await condition(() => this.journey.hasEnded || isSo());
    if (this.journey.hasEnded) throw new JourneyEnded();
  }
}

/** Runs a journey's story to its end: its own, the deadline's, or that of a later journey or act. */
export async function runJourney(journey: Journey, citizen: Citizen): Promise<void> {
  citizen.updateVisibility();
  const deadline = new CancellationScope();
  citizen.inBackground(deadline.run(() => endAtDeadline(journey)).catch(ignoreCancellation));
  try {
    await stories[journey.kind](new JourneySteps(journey, citizen));
  } catch (error) {
    if (!(error instanceof JourneyEnded)) throw error;
  }
  deadline.cancel();
  citizen.updateVisibility();
  await recordEnd(journey, citizen);
  citizen.continueAsNewRequested = true;
}

async function endAtDeadline(journey: Journey): Promise<void> {
  await sleep(Math.max(1, journey.deadlineMs - Date.now()), { summary: `${journey.kind}: left alone` });
  // What is being saved stands, however late PostgreSQL is.
  await condition(() => !journey.isSaving);
  journey.finish('timed-out');
}

/** A journey that was completed has recorded its end together with its effect. */
async function recordEnd(journey: Journey, citizen: Citizen): Promise<void> {
  const { id: journeyId, kind, outcome, finishedBy, requestId } = journey;
  if (outcome === null || lastStep(outcome) === 'done') return;
  const closing = { journeyId, citizenId: citizen.id, kind, outcome, requestId, closedAtMs: Date.now() };
  await citizen.write((write) => write.closeJourney({ ...closing, ...(finishedBy && { finishedBy }) }));
}
