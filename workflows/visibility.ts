import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import {
  citizenBlocked,
  citizenJourney,
  citizenStatus,
  passwordExpiresAt,
} from '../domain/search-attributes.ts';
import { isBlocked } from './activation-code.ts';
import type { Citizen } from './citizen-state.ts';
import type { Journey } from './journey.ts';

/** What operators see of a citizen in the Temporal UI: search attributes for the list, details in words for the page. */
export class Visibility {
  private readonly citizen: Citizen;
  private shown: Attributes;

  /**
   * At the start of a chapter the attributes are those of its snapshot: the chapter before has set them, or, for the
   * first one, whoever started it (`startAttributes`).
   */
  constructor(citizen: Citizen) {
    this.citizen = citizen;
    this.shown = citizen.code ? attributesOf(citizen) : atStart;
  }

  /** Sets the attributes that have changed, in one command, and the details. */
  upsertAttributes(): void {
    const now = attributesOf(this.citizen);
    const changes = keys
      // As JSON: the words of an instant end at the second, and two passwords may be set within one.
      .filter(({ name }) => JSON.stringify(now[name]) !== JSON.stringify(this.shown[name]))
      .map(({ name, key }) => ({ key, value: now[name] }));
    if (changes.length > 0) upsertSearchAttributes(changes as Parameters<typeof upsertSearchAttributes>[0]);
    this.shown = now;
    this.setDetails();
  }

  setDetails(): void {
    setCurrentDetails(inWords(this.citizen));
  }
}

const keys = [
  { name: 'status', key: citizenStatus },
  { name: 'blocked', key: citizenBlocked },
  { name: 'journey', key: citizenJourney },
  { name: 'expiresAt', key: passwordExpiresAt },
] as const;

type Attributes = Readonly<Record<(typeof keys)[number]['name'], unknown>>;

const attributesOf = (citizen: Citizen): Attributes => ({
  status: citizen.status ?? null,
  blocked: citizen.statusView()?.blocked ?? [],
  journey: citizen.openJourney?.kind ?? 'none',
  expiresAt: citizen.password ? new Date(citizen.password.expiresAtMs) : null,
});

const atStart: Attributes = { status: 'registered', blocked: [], journey: 'none', expiresAt: null };

const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function inWords(citizen: Citizen): string {
  const { code, password, openJourney: journey } = citizen;
  const lines = [
    `Citizen ${citizen.status ?? 'not registered'}.`,
    code &&
      (isBlocked(code)
        ? 'Activation code: BLOCKED, a new registration act is needed.'
        : `Activation code: issued ${instant(code.issuedAtMs)}, ${code.wrong} of ${code.tolerated} wrong.`),
    password && `Password: ${password.expired ? 'expired' : 'expires'} ${instant(password.expiresAtMs)}.`,
    journey && `Journey ${journey.kind}: ${journeyInWords(journey)}.`,
  ];
  return lines.filter(Boolean).join('\n\n');
}

function journeyInWords(journey: Journey): string {
  switch (journey.step) {
    case 'otp':
      return `waiting for the SMS code, ${journey.otp.wrong} of ${journey.policy.otp.tolerated} wrong, until ${instant(journey.otp.expiresAtMs)}`;
    case 'password':
      return `waiting for the new password, until ${instant(journey.deadlineMs)}`;
    case 'done':
    case 'ended':
      return `${journey.outcome}`;
  }
}
