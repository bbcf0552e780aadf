import { z } from 'zod';
import {
  type ActivityType,
  activityMeans,
  activityTypes,
  identificationsListed,
  identifiedType,
} from '../../domain/activity.ts';
import { type Level, levels } from '../../domain/assurance.ts';
import { deviceName } from '../../domain/device-name.ts';
import { before as instantBefore } from '../../domain/durations.ts';
import type { Language } from '../../domain/languages.ts';
import type { Database } from '../../platform/database.ts';
import { maskAddress } from '../http/client-address.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';

/** Events of a page; those of the same instant as the last come with it, so that an instant is enough to go on from. */
const pageSize = 20;

/** A row of `citizen_activity`, or an identification to a relying party. */
interface ActivityRow {
  readonly at: Date;
  readonly type: ActivityType | typeof identifiedType;
  readonly means: (typeof activityMeans)[number] | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly organisation?: string;
  readonly level?: Level;
}

/** A page of a citizen's activity: the rows before an instant. */
interface ActivityPage {
  readonly citizenId: string;
  readonly before: Date | null;
  readonly language: Language;
}

/**
 * Lists a citizen's sign-ins, changes, SMS and identifications to relying parties of the last ninety days, newest first, in
 * pages. A function of the database reads the audit trail for it: the application's role may not (docs/adr/0043).
 */
export const readActivity = route({
  method: 'get',
  path: '/activity',
  summary: 'The activity of the last 90 days',
  description: 'Newest first. `next` is there if there is more: it is the `before` of the next page.',
  tag: 'Sessions',
  caller: 'session',
  query: z.strictObject({
    before: instant.optional().meta({ description: '`next` of the page before this one.' }),
  }),
  replies: {
    200: z.object({
      events: z.array(
        z.object({
          at: instant,
          type: z.enum([...activityTypes, identifiedType]),
          means: z
            .enum(activityMeans)
            .optional()
            .meta({ description: 'Of a sign-in, and of an identification.' }),
          level: z.enum(levels).optional().meta({ description: 'Of an identification.' }),
          organisation: z.string().optional().meta({
            description: 'Of an identification: to whom, in the language asked for if it has such a name.',
          }),
          device: z.string().optional().meta({
            description: 'Browser and system, as far as they are known.',
            example: 'Firefox, Windows',
          }),
          address: z.string().nullable().meta({
            description: 'Masked. Null if no request of a citizen brought it about.',
            example: '203.0.113.•',
          }),
        }),
      ),
      next: instant.optional(),
    }),
  },
  problems: [],
  async handle({ caller: { citizenId }, query: { before }, language }, { db }) {
    const page = { citizenId, before: before === undefined ? null : new Date(before), language };
    const found = await Promise.all([readTrail(db, page), readIdentifications(db, page)]);
    // Neither lacks a row of an instant at which the merged page can end: each has more than a page, if there is more.
    const rows = found.flat().sort((one, other) => other.at.getTime() - one.at.getTime());
    const last = rows[pageSize - 1];
    const hasNext = rows.length > pageSize && last !== undefined;
    const shown = hasNext ? rows.filter(({ at }) => at >= last.at) : rows;
    return {
      status: 200,
      body: { events: shown.map(presentEvent), ...(hasNext && { next: last.at.toISOString() }) },
    };
  },
});

// One row more than a page has: if it is there, another page follows.
const rowsToRead = pageSize + 1;

async function readTrail({ pool }: Database, { citizenId, before }: ActivityPage): Promise<ActivityRow[]> {
  const { rows } = await pool.query<ActivityRow>({
    name: 'read-activity',
    text: 'SELECT at, type, means, ip, user_agent FROM citizen_activity($1, $2, $3)',
    values: [citizenId, before, rowsToRead],
  });
  return rows;
}

async function readIdentifications(
  { pool }: Database,
  { citizenId, before, language }: ActivityPage,
): Promise<ActivityRow[]> {
  const { rows } = await pool.query<ActivityRow>({
    name: 'read-identifications',
    text: `
      SELECT one.at, $6::text AS type, one.means, one.level, coalesce(party.name ->> $5::text, party.name ->> 'es') AS organisation,
        request.ip, request."userAgent" AS user_agent
      FROM "Identification" one
      JOIN "RelyingParty" party ON party.id = one."relyingPartyId"
      LEFT JOIN "Request" request ON request.id = one."requestId"
      WHERE one."citizenId" = $1::uuid AND one.at < coalesce($2::timestamptz, 'infinity') AND one.at > $3
      ORDER BY one.at DESC FETCH FIRST ($4) ROWS WITH TIES`,
    values: [
      ...[citizenId, before, new Date(instantBefore(Date.now(), identificationsListed)), rowsToRead],
      ...[language, identifiedType],
    ],
  });
  return rows;
}

const presentEvent = ({ at, type, means, level, organisation, ip, user_agent: userAgent }: ActivityRow) => ({
  at: at.toISOString(),
  type,
  ...(means && { means }),
  ...(level && { level }),
  ...(organisation && { organisation }),
  device: userAgent === null ? undefined : deviceName(userAgent),
  address: (ip !== null && maskAddress(ip)) || null,
});
