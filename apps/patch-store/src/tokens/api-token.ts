import { createHash, randomBytes } from 'node:crypto';

/** By which people, and scanners for secrets, recognise a token of Patchpoint. */
const PREFIX = 'ppt_';
const TOKEN = /^ppt_[A-Za-z0-9_-]{43}$/;

/** A new token: 32 random bytes, as text without spaces. */
export function makeApiToken(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/**
 * Pure, hex: under what a token is stored. Undefined: it is none of ours.
 *
 * SHA-256 and not bcrypt: slow hashes protect what can be guessed, and nobody guesses 256 random bits. A slow
 * one would cost each request 100 ms, and could not be looked up by an index.
 */
export function digestOfApiToken(token: string): string | undefined {
  return TOKEN.test(token) ? createHash('sha256').update(token).digest('hex') : undefined;
}
