import { z } from 'zod';
import { parseEmail } from '../../domain/identity/email.ts';
import { parseNationalId } from '../../domain/identity/national-id.ts';
import { parsePersonName } from '../../domain/identity/person-name.ts';
import { parsePhone } from '../../domain/identity/phone-number.ts';
import { languages } from '../../domain/languages.ts';
import { parseOtp } from '../../domain/one-time-password.ts';
import type { ParseResult } from '../../domain/parse-result.ts';
import { parseActivationCode } from '../../domain/permanente/activation-code.ts';

/** A string field read by a parser of the domain: the canonical value, or the parser's code at the field's pointer. */
const parsedWith = <Value, Code extends string>(parse: (input: string) => ParseResult<Value, Code>) =>
  z.string().transform((input, context): Value => {
    const result = parse(input);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.code, params: { code: result.code } });
    return z.NEVER;
  });

export const nationalId = parsedWith(parseNationalId).meta({
  description:
    'DNI, NIE, or a number with L or M, as people write it: with separators, in lower case, with ES before it.',
  example: '12345678Z',
});
export const email = parsedWith(parseEmail).meta({
  description: 'Compared without case, and with the domain in its ASCII form.',
  example: 'ana@example.org',
});
export const activationCode = parsedWith(parseActivationCode).meta({
  description: 'Ten characters of Crockford base32, in any case, with or without hyphens.',
  example: '7K3QM-Z9XWT',
});
export const otp = parsedWith(parseOtp).meta({
  description: 'The six digits that came by SMS, or the whole text of the SMS.',
  example: '042137',
});
export const personName = parsedWith(parsePersonName).meta({
  description: 'In Latin letters, as the identity document has it.',
  example: 'María José',
});
export const language = z.enum(languages).meta({ description: 'The language of the texts to the citizen.' });

/** A mobile number of one of these countries (the policy's `phoneCountries`). */
export const phoneIn = (countries: readonly string[]) =>
  parsedWith((input) => parsePhone(input, countries)).meta({
    description: 'E.164, a mobile.',
    example: '+34612345678',
  });

/** The id by which a relying party is registered, as the gateway passes it on. */
export const relyingPartyId = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .max(100)
  .meta({ description: 'The client id of a relying party.' });

/** Any well-formed Unicode string: no lone surrogate. */
const anyText = z.string().refine((text) => text.isWellFormed(), { params: { code: 'invalid-format' } });

/** The password rules are checked by `api/permanente/new-password.ts`, not by the schema. */
export const password = anyText.meta({
  description: 'Taken as it is, but for Unicode normalisation (NFC). Never cut off.',
});
/** A token that is not good is ignored, whatever it is: a refusal would shut out a citizen whose front-end keeps it. */
export const browser = anyText.meta({
  description:
    'The `browserToken` of this citizen’s last sign-in in this browser. One that is not good is ignored.',
});

export const instant = z.iso.datetime().meta({ description: 'ISO 8601, UTC.' });
