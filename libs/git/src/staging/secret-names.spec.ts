import { describe, expect, it } from '@jest/globals';
import { looksLikeSecret } from './secret-names.js';

describe('looksLikeSecret', () => {
  const judge = (path: string): boolean => looksLikeSecret(Buffer.from(path));

  it.each([
    '.env',
    '.env.local',
    'config/.env.production',
    'prod.env',
    'server.pem',
    'tls/server.KEY',
    '.ssh/id_rsa',
    'id_ed25519',
    'a/credentials.json',
    '.npmrc',
    '.netrc',
    'cert.p12',
    'cert.pfx',
    '.aws/credentials',
    'home/.aws/credentials',
    'line\nbreak/.env',
  ])('finds %j', (path) => expect(judge(path)).toBe(true));

  it.each([
    '.env.example',
    '.env.sample',
    'a/.env.template',
    '.env.production.dist',
    'id_rsa.pub',
    'environment.ts',
    'src/keys.ts',
    '.env/readme.md',
    'credentials',
    'my-credentials.json.ts',
    'xid_rsa',
  ])('passes over %j', (path) => expect(judge(path)).toBe(false));
});
