import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import {
  citizenBlockedAttribute,
  citizenJourneyAttribute,
  citizenStatusAttribute,
  passwordExpiresAtAttribute,
} from '../domain/search-attributes.ts';
import { isBlocked } from './activation-code.ts';
import type { CitizenState } from './citizen-state.ts';
import type { Journey } from './journey.ts';

/** The citizen in the Temporal UI: search attributes for the list, details in words for the page. */
export class Visibility {
  private readonly citizen: CitizenState;
  private shown: Attributes;

  /** The attributes of the snapshot are set already: by the run before, or in the first run by the start (`startAttributes`). */
  constructor(citizen: CitizenState) {
    this.citizen = citizen;
    this.shown = citizen.registration ? attributesOf(citizen) : atStart;
  }

  /** Sets the attributes that have changed, in one command, and the details. */
  upsertAttributes(): void {
    const now = attributesOf(this.citizen);
    const changes = keys
      // Compared as JSON, which has the milliseconds of a Date: `String` cuts them, and two passwords may be set within a second.
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
  { name: 'status', key: citizenStatusAttribute },
  { name: 'blocked', key: citizenBlockedAttribute },
  { name: 'journey', key: citizenJourneyAttribute },
  { name: 'expiresAt', key: passwordExpiresAtAttribute },
] as const;

type Attributes = Readonly<Record<(typeof keys)[number]['name'], unknown>>;

const attributesOf = (citizen: CitizenState): Attributes => ({
  status: citizen.status ?? null,
  blocked: citizen.statusView()?.blocked ?? [],
  journey: citizen.currentJourney?.kind ?? 'none',
  expiresAt: citizen.password ? new Date(citizen.password.expiresAtMs) : null,
});

const atStart: Attributes = { status: 'registered', blocked: [], journey: 'none', expiresAt: null };

const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function inWords(citizen: CitizenState): string {
  const { code, password, currentJourney: journey } = citizen;
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
