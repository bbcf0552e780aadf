import { z } from 'zod';
import { tokenDigest } from '../../platform/secrets.ts';
import { type DeskSession, deleteDeskSession, insertDeskSession } from '../../records/desk-sessions.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';

const deskSessionSchema = z.object({
  officer: z.object({
    id: z.guid(),
    name: z.string().meta({ example: 'Leire Agirre' }),
    office: z.string().meta({ example: 'Bilbao' }),
  }),
  expiresAt: instant.meta({ description: 'The absolute limit.' }),
  idleAt: instant.meta({ description: 'When it ends if it is not used again.' }),
});

const presentDeskSession = ({ officerId: id, name, office, endsAt, idleAt }: DeskSession) => ({
  officer: { id, name, office },
  expiresAt: endsAt.toISOString(),
  idleAt: idleAt.toISOString(),
});

/**
 * Opens a session at the desk with the officer's key, so that a front-end keeps a token that expires and can be ended, and
 * not the key (docs/adr/0041). A desk session opens no other: it could be prolonged without end.
 */
export const openDeskSession = route({
  method: 'post',
  path: '/desk-sessions',
  summary: 'Open a session at the desk',
  description: "Its token identifies the officer wherever the officer's key does, but here.",
  tag: 'Registration office',
  caller: 'officer-key',
  body: () => z.strictObject({}),
  replies: {
    201: deskSessionSchema.extend({
      token: z.string().meta({ description: 'Sent as `Authorization: Bearer`. Told once.' }),
    }),
  },
  problems: [],
  async handle({ caller, randomness, requestId }, dependencies) {
    const token = randomness.token('desk-session');
    const id = randomness.uuid('desk-session');
    const opened = { id, tokenDigest: tokenDigest(token), requestId };
    const session = await insertDeskSession(dependencies.db, caller, opened, dependencies);
    return { status: 201, body: { ...presentDeskSession(session), token } };
  },
});

/** Reads the session and its officer. As every use of a desk session, it restarts the idle limit. */
export const readDeskSession = route({
  method: 'get',
  path: '/desk-sessions/current',
  summary: 'Who is at the desk',
  tag: 'Registration office',
  caller: 'desk-session',
  replies: { 200: deskSessionSchema },
  problems: [],
  async handle({ caller }) {
    return { status: 200, body: presentDeskSession(caller) };
  },
});

/** Signs the officer out: the session ends at once. */
export const closeDeskSession = route({
  method: 'delete',
  path: '/desk-sessions/current',
  summary: 'Sign out of the desk',
  tag: 'Registration office',
  caller: 'desk-session',
  replies: { 204: z.undefined() },
  problems: [],
  async handle({ caller, requestId }, { db }) {
    await deleteDeskSession(db, caller, requestId);
    return { status: 204, body: undefined };
  },
});
