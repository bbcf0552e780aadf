import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IsolatedService } from '../../local/fleet/isolated-service.ts';
import { projectRoot } from '../../local/project-root.ts';
import { claimPort } from '../../local/servers/ports.ts';
import { type Registration, siteUrl } from './relying-site.ts';

/** Registers a relying party by the operator's command, on a port of its own. @throws Error with what the command said */
export async function registerRelyingSite(
  {
    environment,
    ownerUrl,
    gatewayUrl = '',
  }: Pick<IsolatedService, 'environment' | 'ownerUrl' | 'gatewayUrl'>,
  name: string,
): Promise<Registration> {
  const port = await claimPort(0, 'a relying party', 'PORT');
  const url = siteUrl({ port });
  const party = {
    ...{ name: { es: name }, shortName: 'Agencia', organisation: 'Agencia', dir3: 'E00000000' },
    ...{
      homeUrl: `${url}/`,
      sector: name.toLowerCase(),
      protocol: 'oidc',
      floor: 'low',
      attributes: ['nif', 'profile'],
    },
    ...{ redirectUris: [`${url}/back`], postLogoutRedirectUris: [`${url}/signed-out`] },
    tokenEndpointAuthMethod: 'client_secret_basic',
  };
  const folder = mkdtempSync(join(tmpdir(), 'clave-party-'));
  try {
    const file = join(folder, 'party.json');
    writeFileSync(file, JSON.stringify(party));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(projectRoot(), 'operations', 'relying-party.ts'), 'add', '--file', file],
      {
        encoding: 'utf8',
        env: {
          ...{ PATH: process.env['PATH'], DATABASE_OWNER_URL: ownerUrl, GATEWAY_URL: gatewayUrl },
          DATABASE_URL: environment['DATABASE_URL'],
        },
      },
    );
    if (status !== 0) throw new Error(`${name} cannot be registered: ${stdout}${stderr}`);
    const { clientId, clientSecret } = JSON.parse(stdout.slice(stdout.indexOf('{')));
    return { issuer: `${gatewayUrl}/oidc`, clientId, clientSecret, port };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
