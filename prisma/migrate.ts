import { z } from 'zod';
import { readPolicy, SettingsError, settingsEnvironment } from '../platform/config.ts';
import { grantGatewayRights, grantRights, setAuditRetention } from './grants.ts';
import { assertReadable, UnreadableData } from './readable-data.ts';
import { applyMigrations } from './schema-engine.ts';

/** `npm run migrate`: applies the migrations, stores the retention and grants the application's role its rights. */
async function migrate(): Promise<void> {
  const url = z.string().min(1);
  const env = settingsEnvironment();
  const application = url.safeParse(env['DATABASE_URL']);
  if (!application.success) throw new SettingsError(['DATABASE_URL: is required']);
  const owner = url.safeParse(env['DATABASE_OWNER_URL']).data ?? application.data;
  const { auditTrail, upkeep } = readPolicy(env['CLAVE_POLICY_FILE']);
  await assertReadable(owner);
  const applied = await applyMigrations(owner);
  await setAuditRetention(owner, { events: auditTrail.kept, requests: upkeep.requests });
  const areRightsSeparate = await grantRights(owner, application.data);
  const gateway = url.safeParse(env['GATEWAY_DATABASE_URL']).data;
  if (gateway) await grantGateway(owner, application.data, gateway);
  process.stdout.write(`database: ${applied.length} migrations applied\n`);
  if (!areRightsSeparate)
    process.stdout.write(
      'database: DATABASE_OWNER_URL names the application role itself: the audit trail is not protected by rights\n',
    );
}

/** @throws SettingsError if the gateway's role is another's: its rights would be taken away, or it would see citizens */
async function grantGateway(owner: string, application: string, gateway: string): Promise<void> {
  const isApplication = new URL(gateway).username === new URL(application).username;
  if (isApplication || !(await grantGatewayRights(owner, gateway)))
    throw new SettingsError(['GATEWAY_DATABASE_URL: must name a role of its own, which sees no citizen']);
}

function linesOf(error: unknown): readonly string[] {
  if (error instanceof SettingsError) return error.lines;
  if (error instanceof UnreadableData) return [`database: ${error.message}`];
  return [`database: migration failed: ${String(error)}`];
}

migrate().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${linesOf(error).join('\n')}\n`);
    process.exit(1);
  },
);
