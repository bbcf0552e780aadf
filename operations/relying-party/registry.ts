import { randomBytes } from 'node:crypto';
import type { PartyFile } from '../../domain/gateway/party-file.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import type { PrismaClient } from '../../prisma/generated/client.ts';

/** What keeps a command from being done: one printable line. */
export class RegistryError extends Error {
  constructor(line: string) {
    super(line);
    this.name = 'RegistryError';
  }
}

type Registry = Pick<PrismaClient, 'relyingParty'>;

/** How a relying party introduces itself. The secret is shown here once and kept as a digest only. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret?: string;
}

const rowOf = ({ name, oidc, ...columns }: PartyFile) => ({
  ...columns,
  name: { ...name },
  oidc: { ...oidc },
});

const withSecret = ({ oidc }: Pick<PartyFile, 'oidc'>): boolean =>
  oidc.tokenEndpointAuthMethod === 'client_secret_basic';

const newSecret = (): string => randomBytes(32).toString('base64url');

/** Registers a relying party. Every process knows it from the commit on: none keeps the registry in memory. */
export async function addParty(registry: Registry, party: PartyFile): Promise<Credentials> {
  // Opaque, and no option of a command line, as a hyphen in front would be.
  const clientId = `rp_${randomBytes(16).toString('base64url')}`;
  const clientSecret = withSecret(party) ? newSecret() : undefined;
  const secretDigest = clientSecret ? tokenDigest(clientSecret) : null;
  await registry.relyingParty.create({ data: { ...rowOf(party), id: clientId, secretDigest } });
  return { clientId, ...(clientSecret && { clientSecret }) };
}

/**
 * Replaces what a relying party has registered. A secret is made if it had none and needs one, and forgotten if it needs none.
 * @throws RegistryError if there is none with this id, or if its sector would change: its subjects would be others.
 */
export async function changeParty(registry: Registry, id: string, party: PartyFile): Promise<Credentials> {
  const found = await findParty(registry, id);
  if (found.sector !== party.sector)
    throw new RegistryError(
      `sector: is ${found.sector} and never changes: every citizen would become another`,
    );
  const clientSecret = withSecret(party) && !found.secretDigest ? newSecret() : undefined;
  const kept = withSecret(party) ? found.secretDigest : null;
  const secretDigest = clientSecret ? tokenDigest(clientSecret) : kept;
  await update(registry, id, { ...rowOf(party), secretDigest });
  return { clientId: id, ...(clientSecret && { clientSecret }) };
}

/** Every relying party, also those that are removed, oldest first. */
export async function listParties(registry: Registry) {
  const rows = await registry.relyingParty.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return rows.map(({ id, name, organisation, protocol, floor, createdAt, removedAt }) => ({
    clientId: id,
    ...{ name, organisation, protocol, floor, createdAt },
    ...(removedAt && { removedAt }),
  }));
}

/** One relying party as it is registered, without its secret's digest. @throws RegistryError */
export async function showParty(registry: Registry, id: string) {
  const { secretDigest: _, oidc, ...row } = await findParty(registry, id);
  return { clientId: row.id, ...row, ...(oidc as object) };
}

/** Replaces the secret: the old one opens nothing any more. @throws RegistryError also for a party with a key of its own */
export async function rotateSecret(registry: Registry, id: string): Promise<Credentials> {
  const { secretDigest } = await findParty(registry, id);
  if (!secretDigest) throw new RegistryError(`${id} has no secret: its keys are changed with change --file`);
  const clientSecret = newSecret();
  await update(registry, id, { secretDigest: tokenDigest(clientSecret) });
  return { clientId: id, clientSecret };
}

/** Removes a relying party: the gateway knows it no more. The row stays, for what refers to it. @throws RegistryError */
export async function removeParty(
  registry: Registry,
  id: string,
): Promise<{ clientId: string; removedAt: Date }> {
  const removedAt = new Date();
  await update(registry, id, { removedAt, secretDigest: null });
  return { clientId: id, removedAt };
}

async function findParty(registry: Registry, id: string) {
  const found = await registry.relyingParty.findFirst({ where: { id, removedAt: null } });
  if (!found) throw new RegistryError(`there is no relying party ${JSON.stringify(id.slice(0, 100))}`);
  return found;
}

type Update = Parameters<Registry['relyingParty']['updateMany']>[0]['data'];

async function update(registry: Registry, id: string, data: Update): Promise<void> {
  const where = { id, removedAt: null };
  const { count } = await registry.relyingParty.updateMany({
    where,
    data: { ...data, changedAt: new Date() },
  });
  if (count === 0) throw new RegistryError(`there is no relying party ${JSON.stringify(id.slice(0, 100))}`);
}
