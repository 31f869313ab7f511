/**
 * Names of files that mostly hold secrets, whatever the letters' case. A pattern without a slash matches the
 * name in any folder, one with a slash the end of a path; `*` stands for anything but a slash. Such a file is
 * captured, but never committed for its owner: a branch is pushed, and a pushed secret is no secret any more.
 * docs/security.md lists them for people.
 */
export const SECRET_NAMES: readonly string[] = [
  '.env',
  '.env.*',
  '*.env',
  '.envrc',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  '*.ppk',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ed25519',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.netrc',
  '_netrc',
  '.pgpass',
  '.my.cnf',
  '.htpasswd',
  '.git-credentials',
  'credentials.json',
  'client_secret*.json',
  'service-account*.json',
  'secrets.json',
  'secrets.yml',
  'secrets.yaml',
  '*.tfvars',
  '*.tfstate',
  '.aws/credentials',
  '.docker/config.json',
  '.kube/config',
];

/** Templates that are meant to be committed. */
export const NOT_SECRET_NAMES: readonly string[] = ['*.example', '*.sample', '*.template', '*.dist'];

/** Whether the name of a file says that it holds a secret. Pure; the file is not read. */
export function looksLikeSecret(path: Buffer): boolean {
  const text = path.toString('latin1');
  return SECRET.test(text) && !NOT_SECRET.test(text);
}

const SECRET = anyOf(SECRET_NAMES);
const NOT_SECRET = anyOf(NOT_SECRET_NAMES);

function anyOf(patterns: readonly string[]): RegExp {
  const alternatives = patterns.map((pattern) =>
    pattern.replaceAll(/[.+^${}()|[\]\\?]/g, String.raw`\$&`).replaceAll('*', '[^/]*'),
  );
  return new RegExp(`(?:^|/)(?:${alternatives.join('|')})$`, 'is');
}
