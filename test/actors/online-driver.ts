import { randomBytes, randomUUID } from 'node:crypto';
import { journeyPolicy } from '../../api/citizens/journey-policy.ts';
import * as messages from '../../workflows/messages.ts';
import { accepted, CitizenDriver } from './citizen-driver.ts';
import type { SendOptions } from './workflow-context.ts';

/** Sends the messages of what a citizen does with a certificate, as the API does. */
export class OnlineDriver extends CitizenDriver {
  /** Starts an online registration, with the DNIe or another certificate; the journey is what later steps refer to. */
  async startRegistration({
    isStrong = true,
    journeyId = randomBytes(16).toString('base64url'),
    ...sending
  }: SendOptions & { isStrong?: boolean; journeyId?: string } = {}) {
    const certificateId = randomUUID();
    await this.stageAct({}, { officerId: null, certificateId });
    await this.#stageEvidence(this.actId, 'registration');
    const { identity, ...policy } = sending.policy ?? this.context.policy;
    const message = {
      ...{ journeyId, tokenDigest: randomBytes(32).toString('base64url'), actId: this.actId, certificateId },
      ...{ isStrong, identity, policy: journeyPolicy({ identity, ...policy }, 'registration') },
    };
    const reply = await this.send(messages.startRegistration, message, sending);
    if (reply.kind === 'started') this.journeyId = journeyId;
    return reply;
  }

  /** From the certificate to the activation code. */
  async registerOnline(options: { isStrong?: boolean } = {}): Promise<void> {
    await this.startRegistration(options);
    accepted(await this.enterOtp(await this.otp(), { issue: true }));
  }

  /** The identity proved in person again. `by`: at an office or with the DNIe. */
  async renewIdentification(by: 'office' | 'dnie' = 'office', sending: SendOptions = {}) {
    const renewalId = randomUUID();
    if (by === 'dnie') await this.#stageEvidence(renewalId, 'identification-renewal');
    const { identity } = this.context.policy;
    const message = { renewalId, by, identity, ...(by === 'office' && { officerId: randomUUID() }) };
    return this.send(messages.renewIdentification, message, sending);
  }

  #stageEvidence(actId: string, kind: string): Promise<unknown> {
    return this.context.db.prisma.stagedEvidence.createMany({ data: [{ actId, kind, sealed: 'evidence' }] });
  }
}
