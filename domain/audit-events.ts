import type { Assurance, Level, Means } from './assurance.ts';
import type { CertificateRefusal } from './certificates/certificate-refusals.ts';
import type { CertificateProfile } from './certificates/profiles.ts';
import type { ResendBlock } from './identification.ts';
import type { JourneyKind, JourneyOutcome } from './journeys.ts';
import type { StrongIdentificationMeans } from './registration/strong-identification.ts';

/**
 * Everything that is audited, one member per fact, named in the past ([ENS] op.acc.5, [ASVS] 16.2). Ids only: never
 * what was typed, no name, number, address or phone.
 */
export type AuditEvent =
  /** `by`: absent in acts before an officer. */
  | { type: 'citizen-registered'; again: boolean; by?: 'certificate' | 'dnie' }
  /** The identity was proved anew, for another five years. */
  | { type: 'identification-renewed'; by: StrongIdentificationMeans }
  | { type: 'phone-yielded' }
  | { type: 'activation-code-regenerated' }
  | { type: 'journey-begun'; kind: JourneyKind }
  | {
      type: 'activation-refused';
      /**
       * `unknown`: no citizen has this national id and email. `texts-used-up`: a limit on SMS codes is reached.
       * `phone-yielded`: the data were right, but the phone has passed to another citizen.
       */
      reason: 'unknown' | 'wrong-code' | 'code-blocked' | 'texts-used-up' | 'phone-yielded';
    }
  | { type: 'activation-code-blocked' }
  | { type: 'otp-sent'; number: number }
  | { type: 'otp-not-sent'; number: number; failure: string }
  /** Accepted by the provider, and not delivered. */
  | { type: 'text-undelivered'; purpose: string; failure: string }
  | {
      type: 'otp-refused';
      /**
       * Absent: it was wrong. `expired`: the life of the code or of its sign-in was over. `void`: its guesses were used up, or
       * another code had replaced it. `ended`: its sign-in was ended in the same moment. `limit`: too many were wrong before.
       */
      reason?: 'expired' | 'void' | 'ended' | 'limit';
    }
  | { type: 'otp-accepted' }
  | { type: 'journey-finished'; kind: JourneyKind; outcome: JourneyOutcome }
  | { type: 'password-set'; by: JourneyKind | 'certificate'; expiresAt: string }
  | { type: 'password-expired' }
  | { type: 'notice-sent'; notice: string }
  | { type: 'notice-not-sent'; notice: string; failure: string }
  /** `means`: absent, by the password, with an SMS code if the event has a journey. */
  | { type: 'signed-in'; assurance: Assurance; means?: Means }
  /** To a relying party. */
  | {
      type: 'identified';
      relyingParty: string;
      level: Level;
      means: Means;
      /** The keyed fingerprint of the national id of a person who is not registered. */
      person?: string;
    }
  /** A relying party was told that an identification is void, or could not be told for a day. */
  | { type: 'logout-notice-sent'; relyingParty: string }
  | { type: 'logout-notice-not-sent'; relyingParty: string; failure: string }
  | {
      type: 'sign-in-refused';
      /**
       * `unknown`: no citizen, or none with a password. `address`: it has failed on too many national ids. `key-missing`: the
       * ring lacks the secret key of the stored hash. `level`: the password was right, and the level of the registration does
       * not allow the assurance that was asked for.
       */
      reason:
        | 'unknown'
        | 'wrong-password'
        | 'blocked'
        | 'address'
        | 'key-missing'
        | 'texts-used-up'
        | 'level';
    }
  /** At the certificate listener. `person`: the keyed fingerprint of the national id, who may not be registered. */
  | { type: 'certificate-accepted'; profile: CertificateProfile; person: string }
  /** One call used an accepted certificate, whatever came of it: `certificate` is the id of its `certificate-accepted`. */
  | { type: 'certificate-used'; certificate: string }
  | { type: 'certificate-refused'; reason: CertificateRefusal }
  | { type: 'signed-out' }
  | { type: 'password-blocked' }
  /** The citizen did not recognise an access: the sessions are over and the password is blocked. */
  | { type: 'unrecognised-activity-reported' }
  | { type: 'citizen-suspended' }
  | { type: 'citizen-unsubscribed' }
  | { type: 'reminder-sent'; days: number }
  | { type: 'citizen-looked-up' }
  /** A refusal that no other event records: the problems with `audited` in `api/http/problems.ts`. */
  | { type: 'call-refused'; route: string; problem: string }
  | { type: 'officer-refused' }
  /** An officer opened a session at the desk, or signed out of it. */
  | { type: 'desk-session-opened' }
  | { type: 'desk-session-closed' }
  /** A discrepancy between PostgreSQL and Temporal was repaired (`operations/reconcile`). */
  | { type: 'reconciled'; disagreement: string }
  /** Recorded once in the period of the limit, not for each refused request. */
  | { type: 'limit-reached'; limit: 'requests' | 'starts' | 'officer-keys' }
  /**
   * An SMS code was refused: of a journey that was begun with the right password or in a session, or another one.
   * Recorded once for each identification and limit, or for each journey that does not begin.
   */
  | { type: 'limit-reached'; limit: ResendBlock['limit']; kind: JourneyKind };

/** The subjects of an event. The row of `Request` holds the client's address and browser. */
export interface AuditStamp {
  /** Derived from the message or activity it records, so that a second run adds no second row. */
  readonly id: string;
  readonly citizenId?: string | undefined;
  readonly journeyId?: string | undefined;
  readonly officerId?: string | undefined;
  readonly requestId?: string | undefined;
}
