// Makes .env for docker-compose.yml: every secret random, the local phone in place of Twilio. Never overwrites one.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const secret = () => randomBytes(24).toString('hex');
const lines = {
  COMPOSE_PROFILES: 'phone',
  POSTGRES_PASSWORD: secret(),
  CLAVE_OWNER_PASSWORD: secret(),
  CLAVE_APP_PASSWORD: secret(),
  CLAVE_GATEWAY_PASSWORD: secret(),
  TEMPORAL_DB_PASSWORD: secret(),
  CLAVE_SECRET_KEY: `k1:${randomBytes(32).toString('base64')}`,
  OFFICE_API_KEY: secret(),
  FRONT_END_KEY: secret(),
  GATEWAY_KEY: secret(),
  GATEWAY_SECRET_KEY: `g1:${randomBytes(32).toString('base64')}`,
  CERTIFICATE_KEY: secret(),
  CLAVE_SUBJECT_KEY: randomBytes(32).toString('base64'),
  PORTAL_COOKIE_KEY: `c1:${randomBytes(32).toString('base64')}`,
  METRICS_KEY: secret(),
  TWILIO_ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
  TWILIO_AUTH_TOKEN: secret(),
  TWILIO_FROM: '+34600000000',
  TWILIO_BASE_URL: 'http://phone:3001',
  TWILIO_STATUS_CALLBACK_URL: 'http://api:3000/twilio/status',
};

try {
  const text = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync('.env', text.join(''), { mode: 0o600, flag: 'wx' });
  process.stdout.write('.env made; next: docker compose up --build\n');
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  process.stderr.write('.env is there already: it stays as it is\n');
  process.exitCode = 1;
}
