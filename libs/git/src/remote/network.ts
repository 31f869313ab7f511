import { networkEnvironment, TRANSPORT_CONFIG } from '../run/git-environment.js';
import type { GitErrorCode } from '../run/git-error.js';
import type { GitCall } from '../run/run-git.js';

/** Passed to git through its environment: they never appear in argv or a log. */
export interface Credentials {
  username: string;
  password: string;
}

export interface NetworkOptions {
  /** Only if the operator trusts every path that a task may name. */
  allowFileProtocol: boolean;
  /** For https; ssh uses the agent and keys of the daemon's user. */
  credentials?: Credentials;
  signal?: AbortSignal;
}

const HELPER_FROM_ENVIRONMENT =
  '!f() { echo "username=$PATCHPOINT_GIT_USERNAME"; echo "password=$PATCHPOINT_GIT_PASSWORD"; }; f';

/**
 * What every call that talks to a source adds: transports, credentials for that source alone, and what
 * failures mean.
 */
export function networkCall(
  url: string,
  options: NetworkOptions,
): Pick<GitCall, 'config' | 'environment' | 'variables' | 'signal' | 'classify'> {
  const { credentials } = options;
  return {
    config: [
      ...TRANSPORT_CONFIG,
      ...(credentials === undefined ? [] : [`credential.${hostOf(url)}.helper=${HELPER_FROM_ENVIRONMENT}`]),
    ],
    environment: networkEnvironment(options.allowFileProtocol),
    variables:
      credentials === undefined
        ? {}
        : { PATCHPOINT_GIT_USERNAME: credentials.username, PATCHPOINT_GIT_PASSWORD: credentials.password },
    signal: options.signal,
    classify: classifyNetworkFailure,
  };
}

/**
 * Scheme, host and port of a source: git requests credentials by these, unless configured to use paths as
 * well.
 */
function hostOf(url: string): string {
  if (!URL.canParse(url)) return 'https://none.invalid';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

const MEANINGS: readonly [RegExp, GitErrorCode, string][] = [
  [
    /transport '.*' not allowed/,
    'PROTOCOL_FORBIDDEN',
    'Use https or ssh, or allow the file protocol on the daemon.',
  ],
  [
    /uses plaintext credentials/,
    'CREDENTIALS_IN_URL',
    'Remove them from the URL and configure them on the daemon.',
  ],
  [
    /Authentication failed|could not read (?:Username|Password)|Permission denied \(|terminal prompts disabled|returned error: 40[13]|Host key verification failed/,
    'GIT_AUTH_FAILED',
    "Give the daemon credentials for this source: a user name and token for https, a key in its user's ssh agent for ssh.",
  ],
];

/** Classifies git's messages (it runs with LC_ALL=C) by what can be done about them. */
export function classifyNetworkFailure(stderr: string): { code: GitErrorCode; nextStep: string } {
  for (const [pattern, code, nextStep] of MEANINGS) {
    if (pattern.test(stderr)) return { code, nextStep };
  }
  return {
    code: 'SOURCE_UNREACHABLE',
    nextStep: 'Check that the source exists and can be reached from this machine, then try again.',
  };
}
