import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GitError } from '../run/git-error.js';

export type Source =
  /** A repository that does not exist yet. */
  | { kind: 'new'; name: string }
  | { kind: 'remote'; url: string }
  | { kind: 'local'; path: string; url: string };

// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
const CONTROL_CHARACTERS = /[\u0000-\u001F\u007F]/;
const SCP_LIKE = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!\/\/)[^-].*$/;

/**
 * Parses the source of a task's code: `new://name`, `https://…`, `ssh://…`, `user@host:path`, `file://…` or
 * an absolute path.
 *
 * @throws GitError `BAD_URL`, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`
 */
export function parseSource(source: string): Source {
  if (source === '' || source.startsWith('-') || CONTROL_CHARACTERS.test(source)) throw badUrl(source);
  if (source.startsWith('new://')) return parseNew(source);
  if (isAbsolute(source)) return { kind: 'local', path: source, url: pathToFileURL(source).href };
  if (/^[A-Za-z][A-Za-z0-9+.-]*::/.test(source))
    throw forbidden(source, source.slice(0, source.indexOf(':')));
  if (!source.includes('://')) {
    if (SCP_LIKE.test(source)) return { kind: 'remote', url: source };
    throw badUrl(source);
  }
  return parseUrl(source);
}

function parseNew(source: string): Source {
  const name = source.slice('new://'.length);
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) throw badUrl(source);
  return { kind: 'new', name };
}

function parseUrl(source: string): Source {
  let url: URL;
  try {
    url = new URL(source);
  } catch (cause) {
    throw badUrl(source, cause);
  }
  const scheme = url.protocol.slice(0, -1);
  if (!['https', 'ssh', 'file'].includes(scheme)) throw forbidden(source, scheme);
  if (hasCredentials(url)) {
    const bare = `${url.protocol}//${url.host}${url.pathname}`;
    throw new GitError('CREDENTIALS_IN_URL', `The source ${bare} was given with credentials.`, {
      nextStep: 'Remove them from the URL and configure them on the daemon.',
    });
  }
  if (scheme === 'file') {
    if (url.host !== '') throw badUrl(source);
    return { kind: 'local', path: decodeURIComponent(url.pathname), url: source };
  }
  if (url.hostname === '' || url.hostname.startsWith('-') || url.username.startsWith('-'))
    throw badUrl(source);
  return { kind: 'remote', url: source };
}

/** In the query too: a URL is stored, logged and shown to whoever sees the task. */
function hasCredentials({ protocol, username, password, searchParams }: URL): boolean {
  if (password !== '' || (protocol === 'https:' && username !== '')) return true;
  return [...searchParams.keys()].some((name) => SECRET_NAME.test(name));
}

const SECRET_NAME = /auth|cred|jwt|key|pass|pwd|secret|sig|token/i;

function badUrl(source: string, cause?: unknown): GitError {
  return new GitError('BAD_URL', `Not a source of code: ${JSON.stringify(source)}.`, {
    nextStep: 'Give an https:// or ssh:// URL, user@host:path, an absolute path, or new://name.',
    cause,
  });
}

function forbidden(source: string, scheme: string): GitError {
  return new GitError('PROTOCOL_FORBIDDEN', `The source ${source} uses ${scheme}, which is not allowed.`, {
    nextStep: 'Use https or ssh.',
  });
}
