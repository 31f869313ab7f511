/**
 * Settings of every git call, which override a repository's configuration: nothing that a worktree or a user
 * names is run (hooks, file system monitor), no bytes are converted by configuration, nothing is fetched
 * implicitly.
 */
export const FIXED_CONFIG: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.autocrlf=false',
  'core.eol=lf',
  'core.safecrlf=false',
  'core.attributesFile=/dev/null',
  'core.fileMode=true',
  'core.symlinks=true',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.splitIndex=false',
  'core.untrackedCache=false',
  'core.quotePath=true',
  'core.pager=cat',
  'core.askPass=',
  'core.alternateRefsCommand=true',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  // A worktree of another user (a mounted volume) may be captured: nothing that its configuration names is
  // run.
  'safe.directory=*',
];

/** What keeps a command from running programs that a repository names, and changes nothing else. */
export const RUNS_NOTHING: readonly string[] = ['core.hooksPath=/dev/null', 'core.fsmonitor=false'];

/** For commands that contact the source. */
export const TRANSPORT_CONFIG: readonly string[] = [
  'http.followRedirects=false',
  'transfer.credentialsInUrl=die',
  'fetch.recurseSubmodules=false',
  'push.recurseSubmodules=no',
  'push.gpgSign=false',
  'credential.helper=',
];

/** What a git process inherits: a path to find git, and nothing else of the daemon's environment. */
export function localEnvironment(): Record<string, string> {
  return {
    ...inherited('PATH'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // No transport at all: a local command in a partial clone must not fetch what it lacks. Unlike
    // `protocol.*.allow` this cannot be overridden by a repository's configuration.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
  };
}

/** The local environment and what ssh and TLS need to reach a source; never a prompt. */
export function networkEnvironment(allowFileProtocol: boolean): Record<string, string> {
  return {
    ...localEnvironment(),
    ...inherited(
      'HOME',
      'SSH_AUTH_SOCK',
      'HTTPS_PROXY',
      'https_proxy',
      'ALL_PROXY',
      'all_proxy',
      'NO_PROXY',
      'no_proxy',
      'SSL_CERT_FILE',
      'SSL_CERT_DIR',
      'GIT_SSL_CAINFO',
    ),
    GIT_ALLOW_PROTOCOL: allowFileProtocol ? 'https:ssh:file' : 'https:ssh',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
  };
}

/** For reading a user's own settings (`git config --get`), which runs nothing. */
export function userConfigEnvironment(): Record<string, string> {
  return {
    ...inherited('PATH', 'HOME', 'XDG_CONFIG_HOME'),
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

function inherited(...names: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
