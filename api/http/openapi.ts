import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { everyMeans, levels, registrationLevels } from '../../domain/assurance.ts';
import { certificateRefusals } from '../../domain/certificates/certificate-refusals.ts';
import { shortfalls } from '../../domain/gateway/shortfall.ts';
import { journeySchema } from '../citizens/stored-journey.ts';
import { certificateKeyHeader, frontEndKeyHeader, gatewayKeyHeader } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import { type ProblemCode, problems } from './problems.ts';
import { type CallerKind, type ComponentKind, type Route, tags } from './route.ts';

const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

const otpRefusals = ['wrong', 'expired'] as const;

const problemSchema = z
  .object({
    type: z.string().meta({ example: 'urn:clave:problem:malformed-request' }),
    code: z.enum(problemCodes),
    status: z.int(),
    title: z.string(),
    detail: z.string(),
    errors: z
      .array(z.object({ pointer: z.string().optional(), code: z.string() }))
      .optional()
      .meta({ description: 'Each field (JSON Pointer) or password rule that is not met.' }),
    reason: z
      .enum([...new Set([...otpRefusals, ...certificateRefusals])])
      .optional()
      .meta({
        description:
          'Of `otp-refused`: `wrong`, or `expired`, which is not compared. Of `certificate-refused`: why.',
      }),
    level: z.enum(levels).optional().meta({ description: 'Of `level-not-reached`: the level reached.' }),
    means: z.enum(everyMeans).optional().meta({ description: 'Of `level-not-reached`: by what means.' }),
    registration: z
      .enum(registrationLevels)
      .optional()
      .meta({ description: 'Of `level-not-reached`: the level of the registration.' }),
    missing: z.array(z.enum(shortfalls)).optional().meta({
      description:
        'Of `level-not-reached`: in what it falls short. `registration` is in no means of the citizen: an office proves it.',
    }),
    journey: journeySchema.optional(),
    token: z.string().optional().meta({ description: 'Of the journey, where the refusal begins one.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Title and detail in the language of Accept-Language.' });

/** Problems of every route. The kind of caller and the route itself add others. */
const problemsOfEveryRoute: readonly ProblemCode[] = [
  'malformed-request',
  'not-found',
  'method-not-allowed',
  'payload-too-large',
  'unsupported-media-type',
  'request-timeout',
  'headers-too-large',
  'too-many-requests',
  'temporarily-unavailable',
];
const problemsOfEveryPost: readonly ProblemCode[] = ['idempotency-key-reused'];

/** The OpenAPI 3.1 document, generated from the route declarations that also validate requests and replies. */
export const createOpenApi = (routes: readonly Route[], dependencies: Pick<ApiDependencies, 'policy'>) =>
  createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Cl@ve Permanente',
      version: '1',
      description:
        'Activation, keeping and recovery of the password of Cl@ve Permanente. Every journey is one resource: its `step` says what is asked next.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api/v1' }],
    tags: tags.map((name) => ({ name })),
    components: {
      securitySchemes: {
        officer: { type: 'http', scheme: 'bearer', description: "A registration officer's key" },
        deskSession: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token that an officer got by opening a session at the desk',
        },
        session: { type: 'http', scheme: 'bearer', description: 'The token that a sign-in gave' },
        boundSession: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token that a sign-in for a relying party gave. It opens nothing else.',
        },
        certificate: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token that the redemption of a certificate gave. It opens one call.',
        },
        gateway: {
          type: 'apiKey',
          in: 'header',
          name: gatewayKeyHeader,
          description: 'The key of the identification gateway. Its `Forwarded` is believed.',
        },
        frontEnd: {
          type: 'apiKey',
          in: 'header',
          name: frontEndKeyHeader,
          description: 'The key of the citizens’ pages. Their `Forwarded` is believed.',
        },
        certificateListener: {
          type: 'apiKey',
          in: 'header',
          name: certificateKeyHeader,
          description: 'The key of the certificate listener. Its `Forwarded` is believed.',
        },
        certificateTicket: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token that the front-end got with a ticket',
        },
        journey: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token that the start of the journey gave',
        },
      },
    },
    paths: pathsOf(routes, dependencies),
  });

function pathsOf(
  routes: readonly Route[],
  dependencies: Pick<ApiDependencies, 'policy'>,
): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, dependencies) };
  }
  return paths;
}

function operation(route: Route, dependencies: Pick<ApiDependencies, 'policy'>): ZodOpenApiOperationObject {
  const {
    method,
    path,
    summary,
    description,
    tag,
    body,
    query,
    replies,
    produces = 'application/json',
  } = route;
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  return {
    operationId: `${method}${path.replace(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    ...(description && { description }),
    tags: [tag],
    security: securityOf(route),
    requestParams: {
      header: z.object({
        'Accept-Language': z
          .string()
          .optional()
          .meta({ description: 'es, ca, gl, eu, ca-valencia or en; es otherwise.' }),
        ...(method === 'post' && {
          'Idempotency-Key': z
            .string()
            .regex(/^[\x20-\x7e]{1,255}$/)
            .optional()
            .meta({ description: 'The same key and body get the same answer, for 24 hours.' }),
        }),
      }),
      ...(query && { query }),
      ...(names.length > 0 && {
        path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
      }),
    },
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: body(dependencies) } } },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(replies).map(([status, schema]) => [
          status,
          schema instanceof z.ZodUndefined
            ? { description: 'Success, without a body', headers: headersOf(Number(status)) }
            : {
                description: 'Success',
                headers: headersOf(Number(status)),
                content: { [produces]: { schema } },
              },
        ]),
      ),
      ...problemReplies(route),
    },
  };
}

const security: Readonly<Record<CallerKind, Record<string, string[]>[]>> = {
  anyone: [],
  officer: [{ officer: [] }, { deskSession: [] }],
  'officer-key': [{ officer: [] }],
  'desk-session': [{ deskSession: [] }],
  journey: [{ journey: [] }],
  session: [{ session: [] }],
  'bound-session': [{ boundSession: [] }],
  'any-session': [{ session: [] }, { boundSession: [] }],
  'certificate-ticket': [{ certificateTicket: [] }],
  act: [{ certificate: [] }],
  receipt: [{ journey: [] }, { certificate: [] }],
  'officer-or-act': [{ officer: [] }, { deskSession: [] }, { certificate: [] }],
  'session-or-act': [{ session: [] }, { certificate: [] }],
  'bound-session-or-certificate': [{ boundSession: [] }, { certificate: [] }],
};

/** What a route asks of its caller; the key of a part of the service in addition, or the gateway's in some requests. */
function securityOf({ caller, gatewayOnly, onlyFor }: Route): Record<string, string[]>[] {
  const ofCaller = security[caller];
  if (onlyFor) return componentKeys[onlyFor];
  if (!gatewayOnly) return ofCaller;
  const withKey = (ofCaller.length > 0 ? ofCaller : [{}]).map((each) => ({ ...each, gateway: [] }));
  return gatewayOnly === true ? withKey : [...(ofCaller.length > 0 ? ofCaller : [{}]), ...withKey];
}

const componentKeys: Readonly<Record<ComponentKind, Record<string, string[]>[]>> = {
  'front-end': [{ frontEnd: [] }, { gateway: [] }],
  'certificate-listener': [{ certificateListener: [] }],
};

/** The headers of every reply with a status. */
function headersOf(status: number): z.ZodObject {
  const every = {
    'X-Request-Id': headerText('Of this answer, to ask about it.'),
    'Cache-Control': headerText('no-store'),
  };
  if (status < 400) return z.object(every);
  return z.object({
    ...every,
    'Content-Language': headerText('Of title and detail.'),
    ...(status === 401 && { 'WWW-Authenticate': headerText('Bearer') }),
    ...(status === 405 && { Allow: headerText('The methods that there are.') }),
    ...((status === 429 || status === 503) && { 'Retry-After': seconds }),
  });
}

const headerText = (description: string) => z.string().min(1).meta({ description });
const seconds = z.int().min(1).meta({ description: 'Seconds after which it may be tried again.' });

/** Callers whose credential may be one for something else. */
const purposeful: ReadonlySet<CallerKind> = new Set([
  ...(['session', 'bound-session', 'act', 'officer-or-act', 'session-or-act'] as const),
  'bound-session-or-certificate',
]);

/** The problems of a route, grouped by status. */
function problemReplies(route: Route) {
  const all = new Set<ProblemCode>([
    ...problemsOfEveryRoute,
    ...(route.method === 'post' ? problemsOfEveryPost : []),
    ...(route.caller === 'anyone' ? [] : (['not-authenticated'] as const)),
    ...(purposeful.has(route.caller) ? (['wrong-purpose'] as const) : []),
    ...(route.gatewayOnly ? (['gateway-only'] as const) : []),
    ...(route.onlyFor ? (['service-only'] as const) : []),
    ...route.problems,
  ]);
  const statuses = [...new Set([...all].map((code) => problems[code].status))];
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: [...all]
          .filter((code) => problems[code].status === status)
          .map((code) => `\`${code}\``)
          .join(', '),
        headers: headersOf(status),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
