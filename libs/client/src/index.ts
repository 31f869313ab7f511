/**
 * patch-store for programs, over HTTP.
 *
 *   new PatchStoreClient(server, token) ── a method for each request ──▶ what patch-store answers
 *                                       ── events, output ──▶ EventFeed, also over broken connections
 *
 * A refusal is a PatchStoreError with the code of its problem document, no answer a PatchStoreUnreachable. A
 * request whose connection breaks is sent again, but still runs once.
 */
export type { EventFeed } from './event-feed.js';
export { PatchStoreClient } from './patch-store.client.js';
export { PatchStoreError, PatchStoreUnreachable } from './patch-store.error.js';
export type { ServerSentEvent } from './read-server-sent-events.js';
export type * from './requests.js';
