import { errorCauses, sqlState } from './error-causes.js';

/**
 * Classes of SQLSTATE with which Postgres refuses what it was given: cardinality, data, integrity, and a
 * program limit (nesting, size). All others speak of the server, of its schema, or of another transaction.
 */
const REFUSES_WHAT_IT_WAS_GIVEN = /^(?:21|22|23|54)/;

/** Of the system: the network, and a machine without room, descriptors or a working disk. */
const SYSTEM = wordsOf(`
  ECONNREFUSED ECONNRESET ECONNABORTED EPIPE EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ETIMEDOUT
  ENOTFOUND EAI_AGAIN EADDRNOTAVAIL ERR_SOCKET_CLOSED
  ENOSPC EDQUOT EMFILE ENFILE ENOMEM EROFS EIO EAGAIN EBUSY`);

/** By name, because this lib imports none: our own, those of the clients of NATS, and TypeORM's. */
const NAMES = wordsOf(`
  DatabaseUnavailableError NotConnectedError RpcUnavailableError DiskFullError SpoolFullError
  TimeoutError RequestError NoRespondersError ConnectionError ClosedConnectionError DrainingConnectionError
  ProtocolError AuthorizationError UserAuthenticationExpiredError PermissionViolationError
  JetStreamApiError JetStreamError JetStreamStatusError JetStreamNotEnabled
  ConsumerNotFoundError StreamNotFoundError
  QueryRunnerAlreadyReleasedError CannotExecuteNotConnectedError ConnectionIsNotSetError`);

/** What the driver of Postgres says without a code, when its pool is exhausted or its connection broken. */
const DRIVER = new RegExp(
  [
    'connection terminated',
    'connection timeout',
    'timeout exceeded when trying to connect',
    'query read timeout',
    'not queryable',
    'after calling end on the pool',
  ].join('|'),
  'i',
);

/**
 * Whether work failed because something that it needs is away, overloaded, full or being upgraded, or because
 * two transactions met: the same work may succeed later, however often it failed. Everything else is the
 * fault of the work itself.
 */
export function isOutage(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return !REFUSES_WHAT_IT_WAS_GIVEN.test(state);
  return errorCauses(error).some((cause) => {
    const { name, code, message } = cause as { name?: string; code?: unknown; message?: string };
    return SYSTEM.has(String(code)) || NAMES.has(name ?? '') || DRIVER.test(message ?? '');
  });
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
