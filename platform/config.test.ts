import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  readGatewaySettings,
  readLocalSettings,
  readPortalSettings,
  readRegistrySettings,
  readServiceSettings,
  SettingsError,
} from './config.ts';

const key = (id: string, bytes = 32) => `${id}:${Buffer.alloc(bytes, id).toString('base64')}`;
const good = {
  DATABASE_URL: 'postgresql://clave_app@127.0.0.1:5433/clave',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM: '+34600000000',
  CLAVE_SECRET_KEY: key('k1'),
};

const linesOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
  return [];
};

const policyFile = (text: string): string => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'clave-policy-')), 'policy.json');
  writeFileSync(file, text);
  return file;
};

describe('the settings of a process', () => {
  test('have their defaults where nothing is set', () => {
    expect(readServiceSettings(good)).toMatchObject({
      PORT: 3000,
      TRUST_PROXY: 0,
      LOG_LEVEL: 'info',
      CORS_ORIGINS: [],
      TEMPORAL_NAMESPACE: 'default',
    });
  });

  test('count an empty variable as one that is not set', () => {
    expect(readServiceSettings({ ...good, PORT: '', CORS_ORIGINS: '' })).toMatchObject({
      PORT: 3000,
      CORS_ORIGINS: [],
    });
  });

  test.each(Object.keys(good))('are refused without %s, in one line that names it', (name) => {
    expect(linesOf(() => readServiceSettings({ ...good, [name]: '' }))).toEqual([
      expect.stringMatching(new RegExp(`^${name}: `)),
    ]);
  });

  test.each([
    ['PORT', '70000'],
    ['PORT', '3000a'],
    ['LISTEN_HOST', 'http://127.0.0.1'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['TEMPORAL_ADDRESS', 'http://127.0.0.1:7233'],
    ['TWILIO_ACCOUNT_SID', 'AC1'],
    ['TWILIO_FROM', 'a sender with too long a name'],
    ['TWILIO_BASE_URL', 'ftp://x'],
    ['TWILIO_STATUS_CALLBACK_URL', '/twilio/status'],
    ['CLAVE_SECRET_KEY', 'no id'],
    ['CLAVE_SECRET_KEY', key('k1', 31)],
    ['CLAVE_SECRET_KEY', `${key('k1')},${key('k1')}`],
    ['OFFICE_API_KEY', 'short'],
    ['CLAVE_SUBJECT_KEY', key('k1')],
    ['TRUST_PROXY', '-1'],
    ['LOG_LEVEL', 'loud'],
    ['CORS_ORIGINS', 'https://example.org/path'],
    ['CLAVE_POLICY_FILE', '/no/such/file.json'],
    ['TEMPORAL_TLS_CA', '/no/such/file.pem'],
    ['TEMPORAL_TLS_CERT', import.meta.filename],
    ['TEMPORAL_API_KEY', 'two words'],
    ['WORKER_QUEUES', 'texts'],
    ['DRAIN_SECONDS', '5s'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a header'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x=1,y=%'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ])('are refused with a wrong %s (%s), without repeating a secret', (name, value) => {
    const lines = linesOf(() => readServiceSettings({ ...good, [name]: value }));
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
    if (name.endsWith('_KEY')) expect(lines[0]).not.toContain(value);
  });

  test('serve all queues unless told otherwise', () => {
    const queuesOf = (WORKER_QUEUES: string) => readServiceSettings({ ...good, WORKER_QUEUES }).WORKER_QUEUES;
    expect([queuesOf(''), queuesOf('sms'), queuesOf('sms, citizens')]).toEqual([
      ['citizens', 'sms', 'gateway'],
      ['sms'],
      ['sms', 'citizens'],
    ]);
  });

  test('take the headers of a collector as OpenTelemetry writes them', () => {
    const OTEL_EXPORTER_OTLP_HEADERS = 'Authorization=Bearer%20a=b, x-tenant=clave';
    expect(readServiceSettings({ ...good, OTEL_EXPORTER_OTLP_HEADERS })).toMatchObject({
      OTEL_EXPORTER_OTLP_HEADERS: { Authorization: 'Bearer a=b', 'x-tenant': 'clave' },
    });
  });

  test('say all that is wrong at once', () => {
    expect(linesOf(() => readServiceSettings({ ...good, PORT: 'x', LOG_LEVEL: 'x' }))).toHaveLength(2);
  });

  test('lay the policy file over the table', () => {
    const { policy } = readServiceSettings({
      ...good,
      CLAVE_POLICY_FILE: policyFile('{"passwordLife": "PT2M"}'),
    });
    expect(policy).toMatchObject({ passwordLife: 'PT2M', otp: { tolerated: 3 } });
  });

  test.each([['{"pasword": 1}'], ['{"otp": {"tries": "3"}}'], ['[]'], ['{']])(
    'are refused with the policy %s',
    (text) => {
      expect(linesOf(() => readServiceSettings({ ...good, CLAVE_POLICY_FILE: policyFile(text) }))).toEqual([
        expect.stringMatching(/^CLAVE_POLICY_FILE: /),
      ]);
    },
  );

  test('hold every key of the ring, the first of which makes', () => {
    expect(
      readServiceSettings({ ...good, CLAVE_SECRET_KEY: `${key('k2')}, ${key('k1')}` }).CLAVE_SECRET_KEY.map(
        ({ id }) => id,
      ),
    ).toEqual(['k2', 'k1']);
  });
});

describe('the settings of the launcher', () => {
  test('need nothing at all', () => {
    expect(readLocalSettings({})).toMatchObject({ POSTGRES_PORT: 5433, CLAVE_DATA_DIR: '.clave' });
  });

  test('ask for the secret key with an external database, whose data would be lost with it', () => {
    expect(linesOf(() => readLocalSettings({ DATABASE_URL: good.DATABASE_URL }))).toEqual([
      expect.stringMatching(/^CLAVE_SECRET_KEY: /),
    ]);
  });

  test('refuse the simulator with a database that is named', () => {
    const env = {
      ...{ DATABASE_URL: good.DATABASE_URL, GATEWAY_DATABASE_URL: good.DATABASE_URL },
      ...{ CLAVE_SECRET_KEY: key('k1'), CLAVE_SUBJECT_KEY: Buffer.alloc(32).toString('base64') },
    };
    expect(linesOf(() => readLocalSettings({ ...env, GATEWAY_SIMULATOR: 'on' }))).toEqual([
      'GATEWAY_SIMULATOR: is not for a gateway with a DATABASE_URL',
      'GATEWAY_SIMULATOR: is not for a gateway with a GATEWAY_DATABASE_URL',
    ]);
    expect(linesOf(() => readLocalSettings({ ...env, GATEWAY_SIMULATOR: 'off' }))).toEqual([]);
    expect(linesOf(() => readLocalSettings({ GATEWAY_SIMULATOR: 'on' }))).toEqual([]);
  });
});

describe('the settings of the registry', () => {
  const GATEWAY_URL = 'http://localhost:3004';
  const { DATABASE_URL } = good;

  test.each([{ DATABASE_URL }, { DATABASE_URL, GATEWAY_URL: '' }, { DATABASE_OWNER_URL: DATABASE_URL }])(
    'are refused for a database that is named, and no gateway: %j',
    (env) => {
      expect(linesOf(() => readRegistrySettings(env))).toEqual([
        expect.stringMatching(/^GATEWAY_URL: is required with a DATABASE_/),
      ]);
    },
  );

  test.each([
    ['https://identifica.example.org', false],
    [GATEWAY_URL, true],
  ])('at %s they permit parties on this machine: %s', (url, loopbackPermitted) => {
    expect(readRegistrySettings({ DATABASE_URL, GATEWAY_URL: url })).toMatchObject({ loopbackPermitted });
  });

  test.each([
    [{ GATEWAY_URL }, true],
    [{}, false],
  ])(
    'are found in the data folder; with %j in it they permit parties on this machine: %s',
    (found, loopbackPermitted) => {
      const CLAVE_DATA_DIR = mkdtempSync(path.join(tmpdir(), 'clave-data-'));
      writeFileSync(
        path.join(CLAVE_DATA_DIR, 'environment.json'),
        JSON.stringify({ DATABASE_URL, ...found }),
      );
      expect(readRegistrySettings({ CLAVE_DATA_DIR })).toEqual({ ownerUrl: DATABASE_URL, loopbackPermitted });
    },
  );
});

describe('the settings of the pages', () => {
  const asked = {
    API_URL: 'https://api.example.org',
    FRONT_END_KEY: 'f'.repeat(24),
    PORTAL_COOKIE_KEY: key('c1'),
  };
  const read = { ...asked, PORTAL_COOKIE_KEY: [{ id: 'c1', bytes: Buffer.alloc(32, 'c1') }] };

  test('are the API’s address and two keys; the rest has its defaults', () => {
    expect(readPortalSettings(asked)).toEqual({
      ...read,
      PORTAL_PORT: 3002,
      PORTAL_URL: 'http://localhost:3002',
      PORTAL_CONTACT_EMAIL: 'clave@example.org',
      PORTAL_CONTACT_PHONE: '060',
      GATEWAY_URL: 'http://localhost:3004',
      TRUST_PROXY: 0,
      DRAIN_SECONDS: 0,
      LOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_HEADERS: {},
      OTEL_TRACES_SAMPLER_ARG: 1,
    });
  });

  test('give one line for each that is wrong', () => {
    const wrong = { API_URL: 'api', PORTAL_PORT: 'x', PORTAL_CONTACT_EMAIL: 'nobody', TRUST_PROXY: 'all' };
    expect(linesOf(() => readPortalSettings(wrong))).toEqual([
      'PORTAL_PORT: must be a port number, 0 to 65535',
      'API_URL: must be an http(s):// URL',
      'FRONT_END_KEY: is required',
      'PORTAL_COOKIE_KEY: is required',
      'PORTAL_CONTACT_EMAIL: must be an email address',
      'TRUST_PROXY: must be the number of proxies in front',
    ]);
  });

  test('are found beside the servers that run on this machine', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'clave-data-'));
    writeFileSync(path.join(folder, 'environment.json'), JSON.stringify(asked));
    expect(readPortalSettings({ CLAVE_DATA_DIR: folder })).toMatchObject(read);
  });
});

describe('the settings of the gateway', () => {
  const asked = {
    GATEWAY_DATABASE_URL: 'postgresql://clave_gateway@127.0.0.1:5433/clave',
    GATEWAY_KEY: 'g'.repeat(24),
    GATEWAY_SECRET_KEY: key('g1'),
  };

  test('are its database role and two keys; the address follows the port unless it is told', () => {
    expect(readGatewaySettings(asked)).toMatchObject({
      GATEWAY_PORT: 3004,
      GATEWAY_URL: 'http://localhost:3004',
      API_URL: 'http://127.0.0.1:3000',
      PORTAL_URL: 'http://localhost:3002',
    });
    expect(readGatewaySettings({ ...asked, GATEWAY_PORT: '4000' }).GATEWAY_URL).toBe('http://localhost:4000');
    const GATEWAY_URL = 'https://identifica.example.org';
    expect(readGatewaySettings({ ...asked, GATEWAY_URL })).toMatchObject({ GATEWAY_URL });
  });

  test.each(['https://example.org/', 'https://example.org/path', 'ftp://example.org', 'example.org'])(
    'refuse %s as an address: an issuer is an exact text',
    (GATEWAY_URL) => {
      expect(linesOf(() => readGatewaySettings({ ...asked, GATEWAY_URL }))).toEqual([
        'GATEWAY_URL: must be an origin, as https://example.org',
      ]);
    },
  );

  test.each([
    [{ DATABASE_URL: good.DATABASE_URL }, 'GATEWAY_SIMULATOR: is not for a gateway with a DATABASE_URL'],
    [
      { GATEWAY_DATABASE_URL: 'postgresql://db.internal/clave' },
      'GATEWAY_SIMULATOR: is not for a gateway with a database on another machine',
    ],
    [{ GATEWAY_URL: 'https://example.org' }, 'GATEWAY_SIMULATOR: is not for a gateway on https'],
    [{ GATEWAY_SIMULATOR: 'yes' }, 'GATEWAY_SIMULATOR: must be on or off'],
  ])('refuse the simulator beside citizens: %j', (given, line) => {
    const env = { ...asked, GATEWAY_SIMULATOR: 'on', ...given };
    expect(linesOf(() => readGatewaySettings(env))).toEqual([line]);
    expect(readGatewaySettings({ ...asked, GATEWAY_SIMULATOR: 'on' }).GATEWAY_SIMULATOR).toBe('on');
    expect(readGatewaySettings(asked).GATEWAY_SIMULATOR).toBe('off');
  });

  test('hold no URL of the citizens’ database', () => {
    expect(readGatewaySettings({ ...asked, DATABASE_URL: good.DATABASE_URL })).not.toHaveProperty(
      'DATABASE_URL',
    );
  });
});
