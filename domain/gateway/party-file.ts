import { z } from 'zod';
import { everyMeans, levels, registrationLevels } from '../assurance.ts';
import { gsmCharacters } from '../gsm-alphabet.ts';
import { type Language, languages } from '../languages.ts';
import { partyAttributes } from './attributes.ts';
import { publicKeySet, signingAlgorithms } from './party-keys.ts';
import { type PartyRules, partyUrl } from './party-urls.ts';
import { isReachable } from './shortfall.ts';

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`);
const listOf = <Item extends z.ZodType>(item: Item, { max = 20 } = {}) =>
  z
    .array(item)
    .max(max, `must have at most ${max} entries`)
    .refine((list) => new Set(list).size === list.length, 'must name each once');

/** One line of text that a page shows. Control characters and marks of direction could make it look like another. */
const line = (max: number) =>
  z
    .string()
    .transform((text) => text.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .min(1, 'must not be empty')
        .max(max, `must have at most ${max} characters`)
        .regex(/^\P{C}+$/u, 'must be one line without control characters')
        .regex(/^[^\u2028\u2029]+$/u, 'must be one line without control characters'),
    );

const name = z.union([
  line(120).transform((es) => ({ es })),
  z
    .partialRecord(z.enum(languages), line(120))
    .refine(({ es }) => es !== undefined)
    .transform((byLanguage) => byLanguage as { readonly es: string } & Partial<Record<Language, string>>),
]);

/** In an SMS, where a dot would make a link of it, and digits would be taken for the code when all of it is pasted. */
const shortName = line(24)
  .refine(
    (text) => [...text].every((character) => gsmCharacters.has(character)),
    'must be of the alphabet of SMS (GSM 03.38), which lacks á, í, ó, ú',
  )
  .refine((text) => !text.includes('.'), 'must have no dot: telephones would make a link of it')
  .refine((text) => !/\d{4}/.test(text), 'must not have four digits in a row: they look like the code');

const schema = (rules: PartyRules) => {
  const url = partyUrl(rules);
  return z
    .strictObject({
      name,
      shortName,
      organisation: line(200),
      dir3: z.string().regex(/^[A-Z][A-Z0-9]\d{7}$/, 'must be a code of DIR3, as E04921501'),
      homeUrl: url,
      sector: z
        .string()
        .regex(
          /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/,
          'must be 1 to 64 characters of a-z, 0-9, dot and hyphen, the first and the last a letter or digit',
        ),
      protocol: oneOf(['oidc', 'saml']).refine(
        (protocol) => protocol === 'oidc',
        'saml comes later: only oidc yet',
      ),
      floor: oneOf(levels),
      registrationFloor: oneOf(registrationLevels).optional(),
      means: listOf(oneOf(everyMeans)).default([]),
      attributes: listOf(oneOf(partyAttributes)),
      redirectUris: listOf(url).refine((list) => list.length > 0, 'must name an address'),
      postLogoutRedirectUris: listOf(url).default([]),
      backchannelLogoutUri: url.optional(),
      tokenEndpointAuthMethod: oneOf(['private_key_jwt', 'client_secret_basic']),
      jwks: publicKeySet.optional(),
      idTokenSignedResponseAlg: oneOf(signingAlgorithms).default('RS256'),
      userinfoSignedResponseAlg: oneOf(signingAlgorithms).optional(),
      fapi: z.boolean('must be true or false').default(false),
    })
    .superRefine((file, context) => {
      for (const [path, message] of contradictionsIn(file))
        context.addIssue({ code: 'custom', path: [path], message });
    });
};

type Fields = z.infer<ReturnType<typeof schema>>;

/** What each value permits by itself, and the others exclude. */
function* contradictionsIn(file: Fields): Generator<[keyof Fields, string]> {
  const withKey = file.tokenEndpointAuthMethod === 'private_key_jwt';
  if (withKey && !file.jwks) yield ['jwks', 'is required with private_key_jwt'];
  if (!withKey && file.jwks) yield ['jwks', 'goes with private_key_jwt only'];
  // [FAPI2] 5.3.2.1 and 5.4.
  if (file.fapi && !withKey) yield ['tokenEndpointAuthMethod', 'must be private_key_jwt with fapi'];
  if (file.fapi && file.idTokenSignedResponseAlg === 'RS256')
    yield ['idTokenSignedResponseAlg', 'must be PS256 or ES256 with fapi'];
  if (file.fapi && file.userinfoSignedResponseAlg === 'RS256')
    yield ['userinfoSignedResponseAlg', 'must be PS256 or ES256 with fapi'];
  const { floor, means, registrationFloor = null } = file;
  // Without this the first citizen would be the first to notice.
  if (!isReachable({ floor, means, registrationFloor }))
    yield means.length > 0
      ? ['means', `none of them reaches ${floor}`]
      : ['floor', `no means that there is reaches ${floor}`];
}

/** A relying party as its file says, in the columns of its row. */
export type PartyFile = ReturnType<typeof columnsOf>;

/** What only OpenID Connect needs of it, in one column. */
export type OidcRegistration = PartyFile['oidc'];

function columnsOf(file: Fields) {
  const {
    name: names,
    shortName: short,
    organisation,
    dir3,
    homeUrl,
    sector,
    floor,
    attributes,
    ...others
  } = file;
  const { registrationFloor, means: offered, protocol: _only, ...oidc } = others;
  return {
    ...{ name: names, shortName: short, organisation, dir3, homeUrl, sector, floor, attributes },
    ...{ protocol: 'oidc' as const, registrationFloor: registrationFloor ?? null, means: offered, oidc },
  };
}

/** Reads the file of a relying party. Returns it, or one line for each name or value that is wrong. */
export function partyFrom(
  content: unknown,
  rules: PartyRules,
): { party: PartyFile } | { problems: string[] } {
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    return { problems: ['must be a JSON object'] };
  const result = schema(rules).safeParse(content);
  if (result.success) return { party: columnsOf(result.data) };
  return { problems: result.error.issues.flatMap((issue) => linesOf(issue, content)) };
}

function linesOf(issue: z.core.$ZodIssue, content: object): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: no such name`);
  if (issue.code !== 'custom' && issue.path.length === 1 && !Object.hasOwn(content, path))
    return [`${path}: is required`];
  if (issue.code === 'invalid_union')
    return [
      `${path}: must be one line of 1 to 120 characters, or an object of such by language, es among them`,
    ];
  return [`${path}: ${issue.message}`];
}
