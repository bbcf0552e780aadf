import { condition } from '@temporalio/workflow';
import { after } from '../domain/durations.ts';
import type { JourneyOutcome } from '../domain/journeys.ts';
import type { CitizenRun } from './citizen-run.ts';
import { type Journey, JourneyEnded } from './journey.ts';
import type { OtpEntry, PasswordChoice } from './messages.ts';
import { countRightOtp } from './otp-counts.ts';
import { sendCurrentOtp } from './otp-sms.ts';
import { newPasswordClock } from './password-clock.ts';
import { durable } from './proxies.ts';
import { putActInForce } from './register-citizen.ts';
import type { StepInput } from './step-input.ts';

/** The means by which a citizen can confirm a journey. */
export type ConfirmationMeans = 'sms';

/**
 * The steps of which journeys are composed. `confirm` waits for the citizen. A step that begins with `finish` also
 * completes the journey: its activity writes the effect and the outcome in one transaction.
 */
export class JourneySteps {
  private readonly journey: Journey;
  private readonly citizen: CitizenRun;

  constructor(journey: Journey, citizen: CitizenRun) {
    this.journey = journey;
    this.citizen = citizen;
  }

  /** Awaits the confirmation of the citizen by one of the means. @throws JourneyEnded */
  confirm(by: ConfirmationMeans): Promise<void> {
    return this.confirmations[by]();
  }

  private readonly confirmations: Readonly<Record<ConfirmationMeans, () => Promise<void>>> = {
    /** Sends an SMS code and awaits its entry. */
    sms: async () => {
      this.citizen.inBackground(sendCurrentOtp(this.citizen, this.journey));
      await this.received(this.journey.otpEntry);
    },
  };

  /**
   * Awaits a new password, unless the journey began with it, and puts it in force and completes the journey, in one
   * transaction. The API has checked, hashed and staged it. Its clock of two years starts. @throws JourneyEnded
   */
  async finishWithNewPassword(outcome: JourneyOutcome): Promise<void> {
    const { journey } = this;
    const { stagedPasswordId } = journey;
    if (stagedPasswordId) {
      const { messageId, requestId } = this.confirmation();
      await this.commit(() => this.savePassword({ stagedPasswordId, messageId, requestId }, outcome));
      return;
    }
    journey.step = 'password';
    while (!journey.isFinished) {
      const choice = await this.received(journey.passwordChoice);
      await this.commit(() => this.savePassword(choice, outcome));
    }
  }

  /** Destroys password, code and sessions; the registration stays. @throws JourneyEnded */
  finishWithUnsubscription(outcome: JourneyOutcome): Promise<void> {
    const { journey, citizen } = this;
    const { messageId, requestId } = this.confirmation();
    const { authority } = journey;
    return this.commit(async () => {
      if (!authority) return journey.finish('superseded', messageId);
      const closed = await durable((activities) =>
        activities.unsubscribe({
          citizenId: citizen.id,
          journeyId: journey.id,
          authority,
          outcome,
          requestId,
          finishedBy: messageId,
          unsubscribedAtMs: Date.now(),
        }),
      );
      if (closed.kind !== 'unsubscribed') return journey.finish('superseded', messageId);
      journey.finish(outcome, messageId);
      citizen.endPermanente();
      citizen.notify('unsubscribed', journey.id);
    });
  }

  /**
   * Applies the act that was declared online, with the activation code that came with the SMS code, and completes the journey,
   * in one transaction. @throws JourneyEnded
   */
  finishWithRegistration(outcome: JourneyOutcome): Promise<void> {
    const { journey, citizen } = this;
    const { code, messageId, requestId } = this.confirmation();
    const { act } = journey;
    return this.commit(async () => {
      if (!act || !code) return journey.finish('superseded', messageId);
      const { actId, isStrong, identity } = act;
      const nowMs = Date.now();
      const { password } = citizen;
      const applied = await durable((activities) =>
        activities.applyRegistration({
          actId,
          codeId: code.codeId,
          citizenId: citizen.id,
          online: { isStrong, journeyId: journey.id, finishedBy: messageId },
          requestId,
          appliedAtMs: nowMs,
          ...(password && { passwordId: password.id }),
        }),
      );
      // Suspended meanwhile, the phone is another's by now, or another act was first: the citizen has to begin anew.
      if (applied.kind !== 'applied') return journey.finish('superseded', messageId);
      journey.finish(outcome, messageId);
      putActInForce(citizen, applied, { code, identity, nowMs });
      citizen.notify('registered-online', actId);
      if (applied.phoneChanged) citizen.notify('new-act-former-phone', actId, actId);
    });
  }

  private async savePassword(
    choice: Pick<PasswordChoice, 'stagedPasswordId' | 'messageId' | 'requestId'>,
    outcome: JourneyOutcome,
  ): Promise<void> {
    const { journey, citizen } = this;
    const { authority, policy } = journey;
    const setAtMs = Date.now();
    const expiresAtMs = after(setAtMs, policy.passwordLife);
    const saved = await durable((activities) =>
      activities.savePassword({
        passwordId: choice.stagedPasswordId,
        citizenId: citizen.id,
        journeyId: journey.id,
        kind: journey.kind,
        outcome,
        finishedBy: choice.messageId,
        requestId: choice.requestId,
        setAtMs,
        expiresAtMs,
        ...(authority && { authority }),
      }),
    );
    if (saved.kind === 'superseded') return journey.finish('superseded', choice.messageId);
    // Used before, or staged for another citizen: only a writer that bypasses the API can cause it.
    if (saved.kind === 'refused') {
      if (journey.stagedPasswordId) return journey.finish('superseded', choice.messageId);
      return journey.passwordChoice.reject();
    }
    // Begun with the activation code: its owner is back, whatever a thief of the password has guessed.
    if (!authority) citizen.setOtpCounts('password', countRightOtp(citizen.otpCountsOf('password')));
    citizen.setPassword(
      newPasswordClock(choice.stagedPasswordId, expiresAtMs, setAtMs, policy.passwordReminders),
    );
    journey.passwordExpiresAtMs = expiresAtMs;
    journey.finish(outcome, choice.messageId);
    citizen.endJourneys('superseded');
    citizen.notify('password-set', journey.id);
  }

  /** Runs the last transaction under the lock: neither the deadline nor an abort ends the journey meanwhile. @throws JourneyEnded */
  private commit(work: () => Promise<void>): Promise<void> {
    const { journey, citizen } = this;
    return citizen.runExclusive(undefined, async () => {
      if (journey.isFinished) throw new JourneyEnded();
      journey.isSaving = true;
      try {
        await work();
      } finally {
        journey.isSaving = false;
      }
    });
  }

  private confirmation(): OtpEntry {
    const entry = this.journey.otpEntry.value;
    if (!entry) throw new JourneyEnded();
    return entry;
  }

  private async received<Input>(input: StepInput<Input>): Promise<Input> {
    await condition(() => this.journey.isFinished || input.value !== undefined);
    if (this.journey.isFinished || input.value === undefined) throw new JourneyEnded();
    return input.value;
  }
}
