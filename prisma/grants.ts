import { Client } from 'pg';
import type { IsoDuration } from '../domain/durations.ts';

/**
 * The rights of the application's role per table, none where it has none. The audit trail is append-only by these rights:
 * neither a defect nor a compromise of the API or the worker can change it, or register a relying party.
 */
const rights: Readonly<Record<string, string>> = {
  RelyingParty: 'SELECT',
  Citizen: 'SELECT, INSERT, UPDATE',
  RegistrationAct: 'SELECT, INSERT, UPDATE, DELETE',
  CertificateTicket: 'SELECT, INSERT, UPDATE, DELETE',
  CertificateIdentification: 'SELECT, INSERT, UPDATE, DELETE',
  StagedEvidence: 'SELECT, INSERT, UPDATE, DELETE',
  ActEvidence: 'SELECT, INSERT',
  ActReceipt: 'SELECT, INSERT, UPDATE, DELETE',
  Password: 'SELECT, INSERT, UPDATE, DELETE',
  Session: 'SELECT, INSERT, UPDATE, DELETE',
  FailedId: 'SELECT, INSERT, UPDATE, DELETE',
  Suspension: 'SELECT, INSERT, UPDATE',
  StagedPassword: 'SELECT, INSERT, UPDATE, DELETE',
  Identification: 'SELECT, INSERT, UPDATE, DELETE',
  LogoutNotice: 'SELECT, INSERT, UPDATE, DELETE',
  Journey: 'SELECT, INSERT, UPDATE, DELETE',
  Text: 'SELECT, INSERT, UPDATE, DELETE',
  TextAllowance: 'SELECT, INSERT, UPDATE, DELETE',
  OtpCount: 'SELECT, INSERT, UPDATE, DELETE',
  SmsRate: 'SELECT, INSERT, UPDATE',
  Request: 'SELECT, INSERT',
  Officer: 'SELECT, INSERT, UPDATE',
  DeskSession: 'SELECT, INSERT, UPDATE, DELETE',
  AuditEvent: 'INSERT',
  AuditRetention: 'SELECT',
  DecoyCode: 'SELECT, INSERT, UPDATE, DELETE',
  IdempotentRequest: 'SELECT, INSERT, UPDATE, DELETE',
  limiter_row: 'SELECT, INSERT, UPDATE, DELETE',
  IdentificationRequest: '',
  OidcArtefact: '',
  LogoutSubject: '',
  GatewayKey: '',
};

/** The rights of the gateway's role: no table of a citizen, and no function (docs/adr/0046). */
const gatewayRights: Readonly<Record<string, string>> = {
  RelyingParty: 'SELECT',
  LogoutNotice: 'SELECT',
  IdentificationRequest: 'SELECT, INSERT, UPDATE',
  OidcArtefact: 'SELECT, INSERT, UPDATE, DELETE',
  LogoutSubject: 'SELECT, INSERT, DELETE',
  GatewayKey: 'SELECT, INSERT, DELETE',
};

/** Every table, each after those that it references. */
export const tables: readonly string[] = Object.keys(rights);

/**
 * The functions that the application may call. Four run as the owner (SECURITY DEFINER): only `destroy_…` delete from the
 * trail, and take no arguments; only `citizen_activity` reads it. The others run with the rights above.
 */
const functions = [
  'destroy_due_audit()',
  'destroy_unneeded_requests()',
  'destroy_due_identification_requests()',
  'citizen_activity(UUID, TIMESTAMPTZ, INTEGER)',
  'count_request(TEXT[], INTEGER[], BIGINT[], BIGINT)',
  'reserve_slot(TEXT, TEXT, INTEGER, TIMESTAMPTZ, TIMESTAMPTZ)',
  'prepare_sign_in(TEXT[], INTEGER[], BIGINT[], BIGINT, UUID, TEXT, TEXT, TEXT, TEXT, TEXT, INTEGER, TIMESTAMPTZ, TIMESTAMPTZ, TEXT)',
];

/**
 * Stores the retention of audit events, and of requests that no event refers to. The application's role can read it but
 * not change it.
 */
export async function setAuditRetention(
  ownerUrl: string,
  { events, requests }: { events: IsoDuration; requests: IsoDuration },
): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(
    `INSERT INTO "AuditRetention" (id, keep, "keepRequests") VALUES (1, $1, $2)
     ON CONFLICT (id) DO UPDATE SET keep = $1, "keepRequests" = $2`,
    [events, requests],
  );
  await client.end();
}

/**
 * Grants the application's role exactly the rights above and revokes all others. Returns false, without effect, if the
 * application connects as the owner: an owner has every right.
 */
export function grantRights(ownerUrl: string, applicationUrl: string): Promise<boolean> {
  return grant(ownerUrl, applicationUrl, rights, functions);
}

/** The same for the gateway's role, which is granted no right in common with the application but to read the parties. */
export function grantGatewayRights(ownerUrl: string, gatewayUrl: string): Promise<boolean> {
  return grant(ownerUrl, gatewayUrl, gatewayRights, []);
}

async function grant(
  ownerUrl: string,
  url: string,
  rightsPerTable: Readonly<Record<string, string>>,
  executable: readonly string[],
): Promise<boolean> {
  const name = roleOf(url);
  if (roleOf(ownerUrl) === name) return false;
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const role = client.escapeIdentifier(name);
    await client.query('BEGIN');
    await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    for (const table of tables) {
      const list = rightsPerTable[table];
      await client.query(`REVOKE ALL ON ${client.escapeIdentifier(table)} FROM ${role}`);
      if (list) await client.query(`GRANT ${list} ON ${client.escapeIdentifier(table)} TO ${role}`);
    }
    for (const signature of executable)
      await client.query(`GRANT EXECUTE ON FUNCTION ${signature} TO ${role}`);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
  return true;
}

const roleOf = (url: string): string => decodeURIComponent(new URL(url).username);
