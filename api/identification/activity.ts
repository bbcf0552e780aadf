import { z } from 'zod';
import { type ActivityType, activityMeans, activityTypes } from '../../domain/activity.ts';
import { deviceName } from '../../domain/device-name.ts';
import { maskAddress } from '../http/client-address.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';

/** Events of a page; those of the same instant as the last come with it, so that an instant is enough to go on from. */
const pageSize = 20;

/** A row of `citizen_activity`. */
interface ActivityRow {
  readonly at: Date;
  readonly type: ActivityType;
  readonly means: (typeof activityMeans)[number] | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
}

/**
 * Lists a citizen's sign-ins, changes and SMS of the last ninety days, newest first, in pages. A function of the database
 * reads the audit trail for it: the application's role may not (docs/adr/0043).
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
          type: z.enum(activityTypes),
          means: z.enum(activityMeans).optional().meta({ description: 'Of a sign-in.' }),
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
  async handle({ caller, query: { before } }, { db }) {
    const { rows } = await db.pool.query<ActivityRow>({
      name: 'read-activity',
      text: 'SELECT at, type, means, ip, user_agent FROM citizen_activity($1, $2, $3)',
      // One row more than a page has: if it is there, another page follows.
      values: [caller.citizenId, before === undefined ? null : new Date(before), pageSize + 1],
    });
    const last = rows[pageSize - 1];
    const hasNext = rows.length > pageSize && last !== undefined;
    const shown = hasNext ? rows.filter(({ at }) => at >= last.at) : rows;
    return {
      status: 200,
      body: { events: shown.map(presentEvent), ...(hasNext && { next: last.at.toISOString() }) },
    };
  },
});

const presentEvent = ({ at, type, means, ip, user_agent: userAgent }: ActivityRow) => ({
  at: at.toISOString(),
  type,
  ...(means && { means }),
  device: userAgent === null ? undefined : deviceName(userAgent),
  address: (ip !== null && maskAddress(ip)) || null,
});
