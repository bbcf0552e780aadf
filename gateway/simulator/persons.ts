import type { RegistrationLevel } from '../../domain/assurance.ts';

/** A person whom the simulator identifies. */
export interface SimulatedPerson {
  readonly nationalId: string;
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname?: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly phoneConfirmed: boolean;
  /** Null: not registered, and identified by a certificate only. */
  readonly registrationLevel: RegistrationLevel | null;
}

/**
 * The invented persons, by name. They differ in what surprises a party: a NIE, no second surname, letters with marks, long
 * surnames, a registration that reaches the level low only, none at all. The first is who comes if nothing was chosen.
 */
export const persons = {
  ana: {
    ...{ nationalId: '00000000T', givenName: 'Ana', firstSurname: 'Ejemplo', secondSurname: 'Prueba' },
    ...{
      email: 'ana@example.org',
      phone: '+34600000010',
      phoneConfirmed: true,
      registrationLevel: 'advanced',
    },
  },
  john: {
    ...{ nationalId: 'X0000000T', givenName: 'John', firstSurname: 'Example' },
    ...{
      email: 'john@example.org',
      phone: '+34600000011',
      phoneConfirmed: true,
      registrationLevel: 'advanced',
    },
  },
  nuria: {
    ...{
      nationalId: '99999990S',
      givenName: 'Núria',
      firstSurname: 'Sant Cel·loni',
      secondSurname: 'i Güell',
    },
    ...{
      email: 'nuria@example.org',
      phone: '+34600000012',
      phoneConfirmed: true,
      registrationLevel: 'advanced',
    },
  },
  inaki: {
    nationalId: '99999991Q',
    givenName: 'Iñaki José María',
    firstSurname: 'Fernández de la Quintana y Etxeberria',
    secondSurname: 'Urrutikoetxea-Arostegi',
    ...{
      email: 'inaki@example.org',
      phone: '+34600000013',
      phoneConfirmed: true,
      registrationLevel: 'advanced',
    },
  },
  basic: {
    ...{ nationalId: '99999992V', givenName: 'Berta', firstSurname: 'Básica', secondSurname: 'Prueba' },
    ...{
      email: 'berta@example.org',
      phone: '+34600000014',
      phoneConfirmed: false,
      registrationLevel: 'basic',
    },
  },
  unregistered: {
    ...{ nationalId: '99999993H', givenName: 'Uxía', firstSurname: 'Certificada', secondSurname: 'Prueba' },
    ...{ email: null, phone: null, phoneConfirmed: false, registrationLevel: null },
  },
} as const satisfies Record<string, SimulatedPerson>;

export type PersonName = keyof typeof persons;

export const personNames = Object.keys(persons) as [PersonName, ...PersonName[]];
