/**
 * NATS for our apps: streams and consumers declared once, messages settled by one table.
 *
 *   consume:  pull → handle → settle (acknowledge, retry later, or keep a dead letter)
 *   publish:  encode → publish with the event id → wait for the stream's acknowledgment
 *   core:     request and reply, and what may be lost
 *
 * At least once; order is kept only where a doc comment says it. Everything heals when NATS comes back, and
 * apps start without it.
 */
export { BlobMissingError } from './blob/blob-missing-error.js';
export { BlobBounds } from './blob/blob-bounds.js';
export { BlobStore, type BlobReference } from './blob/blob-store.js';
export { connectHandlers } from './connect-handlers.js';
export type { NatsAddress } from './connection/connection-options.js';
export { NatsClient } from './connection/nats-client.js';
export { NotConnectedError } from './connection/not-connected-error.js';
export { Consume, DeadLetters, SetAside } from './consume/consume.decorators.js';
export { ConsumedMessage } from './consume/consumed-message.js';
export {
  handleAndSettle,
  type Aside,
  type AsideOutcome,
  type MessageHandlers,
  type Poison,
  type Settled,
  type SettledAs,
} from './consume/handle-and-settle.js';
export { JetStreamStrategy } from './consume/jetstream.strategy.js';
export { oldestUnsettled, STALLED_AFTER_SECONDS, type Unsettled } from './consume/oldest-unsettled.js';
export { PullWhenFree, type PullOptions } from './consume/pull-when-free.js';
export { RetryLater } from './consume/retry-later.js';
export { senderOf } from './consume/sender-of.js';
export type { LetterForm } from './consume/settle.js';
export {
  StreamFollower,
  type Followed,
  type FollowFrom,
  type StreamEntry,
} from './consume/stream-follower.js';
export { CoreListener, type ListenOptions } from './core/core-listener.js';
export { CorePublisher } from './core/core-publisher.js';
export { CoreNatsStrategy } from './core/core-nats.strategy.js';
export { Subscribe, Rpc } from './core/core.decorators.js';
export { ReceivedMessage } from './core/received-message.js';
export { RpcClient } from './core/rpc.client.js';
export { RpcUnavailableError } from './core/rpc-unavailable-error.js';
export { MessagingModule, type MessagingOptions } from './messaging.module.js';
export { daemonConfiguration, servicesConfiguration } from './permissions/account-configuration.js';
export {
  accountNameOf,
  daemonAccount,
  SERVICES_ACCOUNT,
  servicesAccount,
  USUAL_DOMAIN,
} from './permissions/nats-accounts.js';
export { JetStreamPublisher, type PublishOptions } from './publish/jetstream.publisher.js';
export { PublishError } from './publish/publish-error.js';
export {
  CONSUMERS,
  type ConsumerDeclaration,
  type ConsumerKey,
  type DaemonIdentity,
} from './topology/consumers.js';
export { Semaphore } from './semaphore.js';
export { STREAMS, type StreamDeclaration } from './topology/streams.js';
export { Topology } from './topology/topology.js';
