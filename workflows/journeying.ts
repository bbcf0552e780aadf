import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { after } from '../domain/durations.ts';
import { type JourneyKind, type JourneyOutcome, lastStep } from '../domain/journeys.ts';
import { activation } from './activation.ts';
import { unlessCancelled } from './cancellation.ts';
import type { Citizen } from './citizen-record.ts';
import type { OtpEntry, PasswordChoice } from './messages.ts';
import { passwordChange } from './password-change.ts';
import { startedClock } from './password-clock.ts';
import { passwordReset } from './password-reset.ts';
import { durably } from './proxies.ts';
import { signIn } from './sign-in.ts';
import { sendCode } from './sms-code.ts';
import { unsubscription } from './unsubscription.ts';
import { type Visit, VisitOver } from './visit.ts';

/** The story of each kind of journey, told in its own file. */
const stories: Readonly<Record<JourneyKind, (journey: Journeying) => Promise<JourneyOutcome>>> = {
  activation,
  'password-reset': passwordReset,
  'password-change': passwordChange,
  unsubscription,
  'sign-in': signIn,
};

/** The steps that journeys share, as a story calls them: each waits until the citizen has taken it. */
export class Journeying {
  private readonly visit: Visit;
  private readonly citizen: Citizen;

  constructor(visit: Visit, citizen: Citizen) {
    this.visit = visit;
    this.citizen = citizen;
  }

  /** Texts the code and waits for it. @throws VisitOver */
  async confirmBySms(): Promise<void> {
    this.citizen.inBackground(sendCode(this.citizen, this.visit));
    await this.until(() => this.visit.confirmation !== undefined);
  }

  /**
   * Puts a new password in force that the API has checked, hashed and staged, together with the end of the journey, in
   * one transaction; waits for it, unless the visit began with it. The clock of the two years starts. @throws VisitOver
   */
  async setNewPassword(outcome: JourneyOutcome): Promise<void> {
    const { visit } = this;
    if (visit.stagedPasswordId) {
      const { visitId, messageId, requestId, answerByMs } = this.confirmation();
      visit.choice = { visitId, messageId, requestId, answerByMs, stagedPasswordId: visit.stagedPasswordId };
    } else {
      visit.step = 'password';
    }
    while (!visit.isOver) {
      await this.until(() => visit.choice !== undefined);
      await this.decide(() => this.save(visit.choice as PasswordChoice, outcome));
    }
  }

  /** Opens a session for the password that was right at the beginning, if it is still in force. @throws VisitOver */
  openSession(outcome: JourneyOutcome): Promise<void> {
    const { visit, citizen } = this;
    const { session, messageId, requestId } = this.confirmation();
    const { passwordId } = visit.authority ?? {};
    return this.decide(async () => {
      if (!session || !passwordId) return visit.finish('superseded', messageId);
      const startedAtMs = Date.now();
      const opened = await durably((write) =>
        write.openSession({
          ...{ ...session, citizenId: citizen.id, visitId: visit.id, passwordId, outcome, requestId },
          ...{
            finishedBy: messageId,
            startedAtMs,
            endsAtMs: after(startedAtMs, visit.policy.session.absolute),
          },
        }),
      );
      visit.finish(opened.kind === 'opened' ? outcome : 'superseded', messageId);
    });
  }

  /** Destroys password, code and sessions; the registration stays known. @throws VisitOver */
  leave(outcome: JourneyOutcome): Promise<void> {
    const { visit, citizen } = this;
    const { messageId, requestId } = this.confirmation();
    const { authority } = visit;
    return this.decide(async () => {
      if (!authority) return visit.finish('superseded', messageId);
      const leaving = { citizenId: citizen.id, visitId: visit.id, authority, outcome, requestId };
      const left = await durably((write) =>
        write.unsubscribe({ ...leaving, finishedBy: messageId, leftAtMs: Date.now() }),
      );
      if (left.kind !== 'left') return visit.finish('superseded', messageId);
      visit.finish(outcome, messageId);
      citizen.leave();
      citizen.notify('unsubscribed', visit.id);
    });
  }

  private async save(choice: PasswordChoice, outcome: JourneyOutcome): Promise<void> {
    const { visit, citizen } = this;
    const { authority } = visit;
    const setAtMs = Date.now();
    const expiresAtMs = after(setAtMs, visit.policy.passwordLife);
    const saved = await durably((write) =>
      write.savePassword({
        ...{
          passwordId: choice.stagedPasswordId,
          citizenId: citizen.id,
          visitId: visit.id,
          kind: visit.kind,
        },
        ...{ outcome, finishedBy: choice.messageId, requestId: choice.requestId, setAtMs, expiresAtMs },
        ...(authority && { authority }),
      }),
    );
    if (saved.kind === 'superseded') return visit.finish('superseded', choice.messageId);
    // Used before, or staged for somebody else: only who writes to Temporal past the API can bring that about.
    if (saved.kind === 'refused') {
      if (visit.stagedPasswordId) return visit.finish('superseded', choice.messageId);
      visit.choice = undefined;
      return;
    }
    citizen.password = startedClock(
      choice.stagedPasswordId,
      expiresAtMs,
      setAtMs,
      visit.policy.passwordReminders,
    );
    visit.passwordExpiresAtMs = expiresAtMs;
    visit.finish(outcome, choice.messageId);
    citizen.endVisits('superseded');
    citizen.notify('password-set', visit.id);
  }

  /** In the citizen's turn, and not to be ended by a deadline: what PostgreSQL decides, stands. @throws VisitOver */
  private decide(work: () => Promise<void>): Promise<void> {
    const { visit, citizen } = this;
    return citizen.exclusively(undefined, async () => {
      if (visit.isOver) throw new VisitOver();
      visit.isSaving = true;
      try {
        await work();
      } finally {
        visit.isSaving = false;
      }
    });
  }

  private confirmation(): OtpEntry {
    if (!this.visit.confirmation) throw new VisitOver();
    return this.visit.confirmation;
  }

  private async until(isSo: () => boolean): Promise<void> {
    await condition(() => this.visit.isOver || isSo());
    if (this.visit.isOver) throw new VisitOver();
  }
}

/** Runs a visit's story to its end: its own, the deadline's, or that of a later visit or act. */
export async function runJourney(visit: Visit, citizen: Citizen): Promise<void> {
  citizen.show();
  const deadline = new CancellationScope();
  citizen.inBackground(deadline.run(() => endAtDeadline(visit)).catch(unlessCancelled));
  try {
    await stories[visit.kind](new Journeying(visit, citizen));
  } catch (error) {
    if (!(error instanceof VisitOver)) throw error;
  }
  deadline.cancel();
  citizen.show();
  await recordEnd(visit, citizen);
  citizen.chapterIsOver = true;
}

async function endAtDeadline(visit: Visit): Promise<void> {
  await sleep(Math.max(1, visit.deadlineMs - Date.now()), { summary: `${visit.kind}: left alone` });
  // What is being saved stands, however late PostgreSQL is.
  await condition(() => !visit.isSaving);
  visit.finish('timed-out');
}

/** A journey that was completed has recorded its end together with its effect. */
async function recordEnd(visit: Visit, citizen: Citizen): Promise<void> {
  const { id: visitId, kind, outcome, finishedBy, requestId } = visit;
  if (outcome === null || lastStep(outcome) === 'done') return;
  const closing = { visitId, citizenId: citizen.id, kind, outcome, requestId, closedAtMs: Date.now() };
  await citizen.record((write) => write.closeVisit({ ...closing, ...(finishedBy && { finishedBy }) }));
}
