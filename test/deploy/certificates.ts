import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a CA and of a server's and a client's certificate issued by it. */
export interface Certificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

const openssl = (folder: string, ...args: string[]): void => {
  const { status, stderr, error } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl: ${error?.message ?? stderr}`);
};

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Issues certificates that are valid for a day. @throws Error without openssl */
export function issueCertificates(folder: string): Certificates {
  const at = (name: string) => join(folder, name);
  const authority = ['-x509', '-days', '1', '-subj', '/CN=an authority of the tests'];
  openssl(folder, 'req', ...authority, ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt');
  const issue = (name: string, extension: string) => {
    openssl(
      folder,
      'req',
      ...newKey,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    writeFileSync(at(`${name}.ext`), extension);
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1'];
    openssl(
      folder,
      ...['x509', '-req', '-in', `${name}.csr`, ...by, '-extfile', `${name}.ext`, '-out', `${name}.crt`],
    );
    return { cert: at(`${name}.crt`), key: at(`${name}.key`) };
  };
  return {
    ca: at('ca.crt'),
    server: issue('server', 'subjectAltName=DNS:localhost,IP:127.0.0.1'),
    client: issue('client', 'extendedKeyUsage=clientAuth'),
  };
}
