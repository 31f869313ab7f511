/**
 * The largest message over NATS, encoded: the default `max_payload`. Whatever is larger is sent in chunks or
 * read in slices.
 */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Arrays and objects within each other in any JSON that Patchpoint takes in, itself included. */
export const MAX_JSON_DEPTH = 100;

/**
 * Values in one message or body: each object, array, text, number, `true`, `false` and `null`. A heartbeat
 * with the most tasks has 35,000. What is carried without being read (`IsAnyJson`) counts as none.
 */
export const MAX_JSON_VALUES = 50_000;

/** The largest patch that Patchpoint keeps, compressed; also the size check of `checkpoint_patches`. */
export const MAX_PATCH_SIZE_BYTES = 10 * 1024 * 1024;

/**
 * Up to this compressed size a patch is sent in its message as base64; larger ones are sent as blob chunks.
 */
export const INLINE_PATCH_LIMIT_BYTES = 256 * 1024;

/**
 * One blob chunk or patch slice. Base64 of it and the envelope stay below the default `max_payload` of NATS
 * (1 MiB).
 */
export const CHUNK_SIZE_BYTES = 512 * 1024;

/**
 * The largest text that a patch may unpack to. Gzip expands at most about 1030 : 1; source code stays near 5
 * : 1, so a patch that exceeds this is a gzip bomb or was not written by a person.
 */
export const MAX_UNCOMPRESSED_PATCH_BYTES = 1024 * 1024 * 1024;

/** Most omissions listed in one checkpoint; `omissionsCount` counts them all. */
export const MAX_OMISSIONS = 100;

/**
 * The exceptions among the modes of one checkpoint, as JSON. They are part of every message about it, beside
 * all else that it may hold.
 */
export const MAX_MODE_EXCEPTIONS_BYTES = 32 * 1024;

/** Most failed restores that one report lists. */
export const MAX_FAILED_TRIES = 20;

/** Characters of each. */
export const MAX_FAILED_TRY_LENGTH = 2000;

/** Most files of one conversation: the agent's own and those of its sub-agents. */
export const MAX_CONVERSATION_FILES = 100;

/**
 * A larger conversation is left out of checkpoints. A day of work writes tens of megabytes; it is held in
 * memory once while it is read.
 */
export const MAX_CONVERSATION_BYTES = 128 * 1024 * 1024;

/** What one checkpoint carries of a conversation, before compression; the rest follows with the next ones. */
export const MAX_CONVERSATION_STEP_BYTES = 8 * 1024 * 1024;
