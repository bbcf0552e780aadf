import type { IncomingMessage } from 'node:http';
import argon2 from 'argon2';
import { Pool } from 'pg';
import type { ServiceSettings } from '../../platform/config.ts';
import { KeyRing } from '../../platform/secrets.ts';

interface Entered {
  readonly nationalId: string;
  readonly password: string;
}

export async function bodyOf(request: IncomingMessage): Promise<Entered> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Entered;
}

/** One SELECT by an index and one comparison, with the product's parameters. */
export function passwordComparer(
  settings: Pick<ServiceSettings, 'DATABASE_URL' | 'CLAVE_SECRET_KEY'>,
): (entered: Entered) => Promise<boolean> {
  const pool = new Pool({ connectionString: settings.DATABASE_URL, max: 20 });
  const secret = new KeyRing(settings.CLAVE_SECRET_KEY).subkey('password');
  return async ({ nationalId, password }) => {
    const { rows } = await pool.query<{ hash: string }>({
      name: 'hash-of',
      text: `SELECT hash FROM "Password"
        WHERE "citizenId" = (SELECT id FROM "Citizen" WHERE "nationalId" = $1)`,
      values: [nationalId],
    });
    return argon2.verify(rows[0]?.hash ?? '', password, { secret });
  };
}
