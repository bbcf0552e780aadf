import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateDefinition } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { journeyPolicy } from '../../api/citizens/journey-policy.ts';
import type { JourneyKind } from '../../domain/journeys.ts';
import type { Policy } from '../../domain/policy.ts';
import { otpDigits } from '../../platform/one-time-passwords.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import type { citizen } from '../../workflows/citizen.ts';
import * as messages from '../../workflows/messages.ts';
import { wrongOtp } from './credentials.ts';
import { newPersonalData } from './personal-data.ts';
import { type SendOptions, send, type WorkflowTestContext } from './workflow-context.ts';

/** Sends messages to a citizen's workflow: each method is one message and resolves to its outcome. */
export class CitizenDriver {
  readonly context: WorkflowTestContext;
  readonly citizenId = randomUUID();
  readonly data = newPersonalData();
  code = '';
  codeId = '';
  actId = '';
  journeyId = '';

  constructor(at: WorkflowTestContext) {
    this.context = at;
  }

  /** A citizen after the first registration act. */
  static async registered(context: WorkflowTestContext): Promise<CitizenDriver> {
    const driver = new CitizenDriver(context);
    await driver.register();
    return driver;
  }

  get handle() {
    return this.context.client.workflow.getHandle<typeof citizen>(citizenWorkflowId(this.citizenId));
  }

  /** What is declared before an officer, as the API leaves it for the workflow. */
  async stageAct(overrides: Record<string, unknown> = {}, by: Record<string, unknown> = {}): Promise<void> {
    this.actId = randomUUID();
    this.newCode();
    const declared = { ...this.data, secondSurname: null, ...overrides } as typeof this.data;
    const ids = {
      id: this.actId,
      citizenId: this.citizenId,
      officerId: randomUUID(),
      requestId: randomUUID(),
      ...by,
    };
    await this.context.db.prisma.registrationAct.createMany({ data: [{ ...ids, ...declared } as never] });
    Object.assign(this.data, overrides);
  }

  /** A registration act. `again`: the one that was staged last. `isTimed`: with the periods of the identification. */
  async register(
    overrides: Record<string, unknown> = {},
    { again = false, isTimed = false, ...sending }: SendOptions & { again?: boolean; isTimed?: boolean } = {},
  ) {
    if (!again) await this.stageAct(overrides);
    const { identity } = this.context.policy;
    const message = {
      ...{ actId: this.actId, officerId: randomUUID(), code: this.issue(sending.policy) },
      ...(isTimed && { identity }),
    };
    return this.send(messages.registerCitizen, message, { updateId: `register/${this.codeId}`, ...sending });
  }

  /** A new code at an office. `again`: the one that was asked for last. */
  regenerate({ again = false, ...sending }: SendOptions & { again?: boolean } = {}) {
    if (!again) this.newCode();
    const message = { officerId: randomUUID(), code: this.issue(sending.policy) };
    return this.send(messages.regenerateActivationCode, message, {
      updateId: `regenerate/${this.codeId}`,
      ...sending,
    });
  }

  /** A suspension by an office, which PostgreSQL hears of from the workflow. */
  suspend(sending: SendOptions = {}) {
    const message = { suspensionId: randomUUID(), officerId: randomUUID() };
    return this.send(messages.suspendCitizen, message, sending);
  }

  /** Enters an activation code; the right one opens the journey that later steps refer to. */
  async enterCode(
    code: string = this.code,
    {
      journeyId = randomBytes(16).toString('base64url'),
      ...sending
    }: SendOptions & { journeyId?: string } = {},
  ) {
    const message = {
      journeyId,
      tokenDigest: randomBytes(32).toString('base64url'),
      entered: this.context.ring.fingerprints('activation-code', [this.citizenId, code]),
      policy: journeyPolicy(sending.policy ?? this.context.policy, 'activation'),
    };
    const reply = await this.send(messages.submitActivationCode, message, {
      updateId: `enter/${journeyId}`,
      ...sending,
    });
    if (reply.kind === 'accepted') this.journeyId = journeyId;
    return reply;
  }

  /** The digits of the `number`th SMS code of a journey, once the phone has received it. */
  async otp(number = 1, journeyId = this.journeyId): Promise<string> {
    const { kind } = await this.row(journeyId);
    const digits = otpDigits(this.context.ring, { journeyId, kind: kind as JourneyKind, number }, 'k1');
    for (let tries = 0; tries < 400; tries += 1) {
      if (this.smsMessages().some((text) => text.includes(digits))) return digits;
      await sleep(10);
    }
    throw new Error(`no text with SMS code number ${number}`);
  }

  smsMessages(): string[] {
    return this.context.sms.texts.filter(({ to }) => to === this.data.phone).map(({ body }) => body);
  }

  enterOtp(
    otp: string,
    {
      journeyId = this.journeyId,
      issue = false,
      ...sending
    }: SendOptions & { journeyId?: string; issue?: boolean } = {},
  ) {
    const messageId = sending.updateId ?? randomUUID();
    const entered = this.context.ring.fingerprints('otp-fingerprint', [journeyId, otp]);
    return this.send(
      messages.submitOtp,
      { journeyId, messageId, entered, ...(issue && { code: this.issue(sending.policy) }) },
      { updateId: messageId, ...sending },
    );
  }

  async enterWrongOtp(sending: SendOptions = {}) {
    return this.enterOtp(wrongOtp(await this.otp()), sending);
  }

  resend(sending: SendOptions = {}) {
    const messageId = sending.updateId ?? randomUUID();
    return this.send(
      messages.resendOtp,
      { journeyId: this.journeyId, messageId },
      { updateId: messageId, ...sending },
    );
  }

  extend(sending: SendOptions = {}) {
    const messageId = sending.updateId ?? randomUUID();
    return this.send(
      messages.extendJourney,
      { journeyId: this.journeyId, messageId },
      { updateId: messageId, ...sending },
    );
  }

  /** A hash as the API leaves it for the workflow; its id is what is handed in. */
  async stagePassword(): Promise<string> {
    const id = randomUUID();
    const row = {
      id,
      citizenId: this.citizenId,
      journeyId: this.journeyId,
      hash: '$argon2id$test',
      keyId: 'k1',
    };
    await this.context.db.prisma.stagedPassword.createMany({ data: [row] });
    return id;
  }

  /** A new password. `stagedPasswordId`: one that is staged already. */
  async setPassword({ stagedPasswordId, ...sending }: SendOptions & { stagedPasswordId?: string } = {}) {
    const messageId = sending.updateId ?? randomUUID();
    const message = {
      journeyId: this.journeyId,
      messageId,
      stagedPasswordId: stagedPasswordId ?? (await this.stagePassword()),
    };
    return this.send(messages.setPassword, message, { updateId: messageId, ...sending });
  }

  /** From the right code to a password in force. Returns when it was set (ms). */
  async activateOrReset(): Promise<number> {
    accepted(await this.enterCode());
    accepted(await this.enterOtp(await this.otp()));
    accepted(await this.setPassword());
    const { setAt } = await this.context.db.prisma.password.findUniqueOrThrow({
      where: { citizenId: this.citizenId },
    });
    return setAt.getTime();
  }

  view(journeyId = this.journeyId): Promise<messages.JourneyView | null> {
    return this.queryWhenIdle(() => this.handle.query(messages.journeyView, journeyId));
  }

  status(): Promise<messages.CitizenStatusView | null> {
    return this.queryWhenIdle(() => this.handle.query(messages.citizenStatus));
  }

  /**
   * Queries only while no task or activity is pending: the time-skipping server loses a query that arrives as a run ends,
   * and then stops skipping. A task is over in a moment, on a busy machine in seconds; an activity may be pending for as long
   * as a test wants.
   */
  private async queryWhenIdle<Answer>(query: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 0; tries < 500; tries += 1) {
      const { pendingActivities, pendingWorkflowTask } = (await this.handle.describe()).raw;
      const isActivityPending = (pendingActivities?.length ?? 0) > 0 && tries < 20;
      if (!pendingWorkflowTask && !isActivityPending) break;
      await sleep(20);
    }
    return this.context.client.connection.withDeadline(Date.now() + 5_000, query);
  }

  row(journeyId = this.journeyId) {
    return this.context.db.prisma.journey.findUniqueOrThrow({ where: { id: journeyId } });
  }

  /** The events of the latest run. */
  async history(): Promise<temporal.api.history.v1.IHistoryEvent[]> {
    const { events } = await this.handle.fetchHistory();
    return events ?? [];
  }

  /** Waits until the run with the id `after` is over. @returns the id of the next run */
  async nextRun(after: string): Promise<string> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      const runId = await this.runId();
      if (runId !== after) return runId;
      await sleep(10);
    }
    throw new Error('the run does not end');
  }

  async runId(): Promise<string> {
    return (await this.handle.describe()).runId;
  }

  send<Outcome, Body extends messages.Message>(
    definition: UpdateDefinition<Outcome, [Body]>,
    message: Omit<Body, keyof messages.Message>,
    sending: SendOptions,
  ): Promise<Outcome> {
    return send(this.context, this.citizenId, definition, message, sending);
  }

  private newCode(): void {
    this.code = randomBytes(8).toString('hex');
    this.codeId = randomUUID();
  }

  issue({ activationCode }: Policy = this.context.policy): messages.CodeIssue {
    const fingerprint = this.context.ring.fingerprint('activation-code', [this.citizenId, this.code]);
    return { codeId: this.codeId, fingerprint, tolerated: activationCode.tolerated };
  }
}

/** @throws Error if the message was not accepted */
export function accepted(outcome: { kind: string }): void {
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
}
