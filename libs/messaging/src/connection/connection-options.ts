import { readFileSync } from 'node:fs';
import { credsAuthenticator, nkeyAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';

/** Of a user, as `nk -gen user` prints it. */
const SEED_ALONE = /^SU[A-Z2-7]{56}$/;

/** Where NATS is and who we are there. */
export interface NatsAddress {
  /**
   * One or more URLs, comma-separated. User and password, or a token, may stand before the `@` of the first.
   */
  readonly url: string;
  /**
   * File with a JWT and its seed, as `nsc` makes it, or with the seed of an nkey alone, as `nk` does. Read
   * again at each connect, so that it can be replaced.
   */
  readonly credentialsFile?: string | undefined;
  /**
   * Set: this process has an account of its own, and sees of JetStream only what that imports, below
   * `$JS.{domain}.API`. It makes no streams and consumers.
   */
  readonly jetStreamDomain?: string | undefined;
  /** The content of that file, for a process that cannot read it any more. */
  readonly credentials?: Uint8Array | undefined;
  /** Replies are taken below this subject. Default: the client's `_INBOX`. */
  readonly inboxPrefix?: string;
}

/**
 * What the NATS client is to do, given an address.
 *
 * It reconnects without end, whatever the reason of the loss. Pings every 10 s find a peer that hangs
 * (stopped process, dropped route) within about 30 s; the client's default is 4 minutes.
 */
export function connectionOptions(address: NatsAddress, name: string): NodeConnectionOptions {
  const urls = serverUrls(address.url);
  return {
    name,
    servers: urls.map((url) => url.host),
    ...loginOf(urls),
    ...(urls.some((url) => url.protocol === 'tls:') && { tls: {} }),
    ...((address.credentials ?? address.credentialsFile) && { authenticator: credentialsOf(address) }),
    ...(address.inboxPrefix && { inboxPrefix: address.inboxPrefix }),
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 500,
    reconnectJitter: 500,
    timeout: 10_000,
    pingInterval: 10_000,
    maxPingOut: 2,
  };
}

/** `host:port` of each server, for logs: credentials are left out. */
export function describeAddress(address: NatsAddress): string {
  return serverUrls(address.url)
    .map((url) => url.host)
    .join(', ');
}

function serverUrls(text: string): URL[] {
  return text.split(',').map((part) => {
    const trimmed = part.trim();
    return new URL(trimmed.includes('://') ? trimmed : `nats://${trimmed}`);
  });
}

/** The client itself ignores a login in a URL. */
function loginOf(urls: readonly URL[]): Pick<NodeConnectionOptions, 'user' | 'pass' | 'token'> {
  const url = urls.find(({ username }) => username !== '');
  if (!url) return {};
  const user = decodeURIComponent(url.username);
  return url.password === '' ? { token: user } : { user, pass: decodeURIComponent(url.password) };
}

function credentialsOf({ credentials, credentialsFile }: NatsAddress): ReturnType<typeof credsAuthenticator> {
  return (nonce) => {
    const content = Buffer.from(credentials ?? readFileSync(credentialsFile!));
    const [seed] = SEED_ALONE.exec(content.toString('latin1').trim()) ?? [];
    return (seed === undefined ? credsAuthenticator(content) : nkeyAuthenticator(Buffer.from(seed)))(nonce);
  };
}
