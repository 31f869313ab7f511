/**
 * Makes the passwords that `docker-compose.yml` asks for, in `.env` of the working folder, which only its
 * owner can read. Run again, it adds what is missing and keeps what is there. Prints names only.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const NAMES = [
  'POSTGRES_PASSWORD',
  'PATCHPOINT_API_TOKEN',
  'CHECKPOINT_INGEST_PASSWORD',
  'PATCH_STORE_PASSWORD',
  'JANITOR_PASSWORD',
  'WORKER_1_PASSWORD',
  'DASHBOARD_PASSWORD',
];

const text = existsSync('.env') ? readFileSync('.env', 'utf8') : '';
const isThere = (name) => new RegExp(`^\\s*(?:export\\s+)?${name}=.`, 'm').test(text);
const missing = NAMES.filter((name) => !isThere(name));
// With a letter first: nats-server takes what begins with a digit for a number.
const made = missing.map((name) => `${name}=p${randomBytes(24).toString('hex')}\n`).join('');
const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
if (existsSync('.env')) chmodSync('.env', 0o600);
writeFileSync('.env', before + made, { mode: 0o600 });
console.log(missing.length === 0 ? 'Nothing was missing in .env.' : `Added to .env: ${missing.join(', ')}.`);
