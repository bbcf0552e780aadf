import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PKI that only OpenSSL has made, with its responder and its list: nothing of it is our code. */
export interface OpensslPki {
  readonly trustFile: string;
  readonly good: Buffer;
  readonly revoked: Buffer;
  stopResponder(): void;
  close(): Promise<void>;
}

const config = `
[ca]
default_ca = issuer
[issuer]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = issuer.pem
private_key = issuer.key
default_md = sha256
default_days = 30
default_crl_days = 1
policy = any
unique_subject = no
copy_extensions = none
string_mask = utf8only
utf8 = yes
[any]
countryName = optional
serialNumber = optional
surname = optional
givenName = optional
commonName = supplied
[req]
distinguished_name = none
string_mask = utf8only
utf8 = yes
[none]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[authority]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
certificatePolicies = 2.16.724.1.2.2.2.4
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[person]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
certificatePolicies = 2.16.724.1.2.2.2.4
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

const subject = '/C=ES/serialNumber=12345678Z/SN=IBARRA/GN=LUCÍA/CN=IBARRA ROMERO, LUCÍA (AUTENTICACIÓN)';

/** Makes the PKI in a folder of its own, and serves its responder and its list. @throws Error with what OpenSSL said */
export async function makeOpensslPki(): Promise<OpensslPki> {
  const folder = mkdtempSync(join(tmpdir(), 'clave-openssl-pki-'));
  const inFolder = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]): Buffer =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const [name, text] of Object.entries({
    'pki.cnf': config,
    serial: '1000',
    crlnumber: '01',
    'index.txt': '',
  }))
    writeFileSync(inFolder(name), text);
  const newKey = (name: string) =>
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', `${name}.key`);
  const request = (name: string, name_: string) => {
    newKey(name);
    openssl(
      'req',
      '-new',
      '-config',
      'pki.cnf',
      '-utf8',
      '-key',
      `${name}.key`,
      '-subj',
      name_,
      '-out',
      `${name}.csr`,
    );
  };
  newKey('root');
  openssl(
    ...['req', '-x509', '-new', '-config', 'pki.cnf', '-key', 'root.key', '-subj', '/C=ES/CN=OpenSSL root'],
    ...['-extensions', 'root', '-days', '60', '-out', 'root.pem'],
  );
  request('issuer', '/C=ES/CN=OpenSSL issuer');
  openssl(
    ...['x509', '-req', '-in', 'issuer.csr', '-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial'],
    ...['-extfile', 'pki.cnf', '-extensions', 'authority', '-days', '50', '-out', 'issuer.pem'],
  );
  for (const name of ['good', 'revoked']) {
    request(name, subject);
    openssl(
      ...['ca', '-batch', '-config', 'pki.cnf', '-extensions', 'person', '-utf8'],
      ...['-in', `${name}.csr`, '-out', `${name}.pem`],
    );
  }
  openssl('ca', '-config', 'pki.cnf', '-revoke', 'revoked.pem');
  openssl('ca', '-config', 'pki.cnf', '-gencrl', '-out', 'crl.pem');
  openssl('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');

  let isAnswering = true;
  const server = createServer(async (incoming, response) => {
    if (incoming.url === '/crl') return void response.end(readFileSync(inFolder('crl.der')));
    if (!isAnswering) return void response.writeHead(503).end();
    writeFileSync(inFolder('request.der'), Buffer.concat(await incoming.toArray()));
    openssl(
      ...[
        'ocsp',
        '-index',
        'index.txt',
        '-CA',
        'issuer.pem',
        '-rsigner',
        'issuer.pem',
        '-rkey',
        'issuer.key',
      ],
      ...['-reqin', 'request.der', '-respout', 'answer.der', '-ndays', '1'],
    );
    response.end(readFileSync(inFolder('answer.der')));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pem = (name: string) => readFileSync(inFolder(name), 'utf8');
  const der = (name: string) => openssl('x509', '-in', name, '-outform', 'DER');
  return {
    trustFile: JSON.stringify([
      {
        profile: 'dnie',
        root: pem('root.pem'),
        issuers: [{ certificate: pem('issuer.pem'), ocsp: [{ url: `${url}/ocsp` }], crl: [`${url}/crl`] }],
        policies: ['2.16.724.1.2.2.2.4'],
      },
    ]),
    good: der('good.pem'),
    revoked: der('revoked.pem'),
    stopResponder: () => {
      isAnswering = false;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
