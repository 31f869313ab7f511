/** What a daemon's environment holds, and what of it an operator lets the programs of tasks have. */
export interface Inheritance {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Names, or their beginnings with a `*`. */
  readonly named: readonly string[];
}

const one = String.raw`(?:[A-Za-z_][A-Za-z0-9_]*\*?|\*)`;

/** The name of a variable, or its beginning with a `*`. */
export const VARIABLE_PATTERN = new RegExp(`^${one}$`);

/** A list of them, separated by commas. */
export const VARIABLE_PATTERNS = new RegExp(`^\\s*${one}(?:\\s*,\\s*${one})*\\s*,?\\s*$`);

/** What any program needs to run, to print in a person's language, and to reach a network. */
const FOR_EVERY_PROGRAM = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TERM',
  'COLORTERM',
  'NO_COLOR',
  'TZ',
  'LANG',
  'LANGUAGE',
  'LC_*',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'ftp_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'PIP_CERT',
  'AWS_CA_BUNDLE',
  'NIX_SSL_CERT_FILE',
  'GIT_CEILING_DIRECTORIES',
];

/** How the daemon itself reaches Patchpoint, or is told what to do: nobody can name it. */
const FOR_NO_PROGRAM: ReadonlySet<string> = new Set([
  'NATS_URL',
  'PATCHPOINT_API_TOKEN',
  'PATCHPOINT_NATS_CREDENTIALS_FILE',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
]);

/** Must be named in full: nobody means these by the beginning of a name. */
const ONLY_IN_FULL: ReadonlySet<string> = new Set(['DATABASE_URL', 'NODE_OPTIONS']);

/**
 * Pure: the variables of its daemon that a program of a task gets. Everything else stays behind: passwords
 * and tokens are in variables of any name.
 *
 * @param declared by the runner, for programs of its own
 */
export function inheritedVariables(
  { variables, named }: Inheritance,
  declared: readonly string[] = [],
): Record<string, string> {
  const patterns = [...FOR_EVERY_PROGRAM, ...declared, ...named];
  return Object.fromEntries(
    Object.entries(variables).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined &&
        !FOR_NO_PROGRAM.has(entry[0]) &&
        patterns.some((pattern) => isMeant(entry[0], pattern)),
    ),
  );
}

/** Pure: the parts of a list that is separated by commas. */
export function readVariablePatterns(list: string | undefined): string[] {
  return (list ?? '').split(',').flatMap((part) => part.trim() || []);
}

function isMeant(name: string, pattern: string): boolean {
  if (!pattern.endsWith('*')) return name === pattern;
  return name.startsWith(pattern.slice(0, -1)) && !ONLY_IN_FULL.has(name);
}
