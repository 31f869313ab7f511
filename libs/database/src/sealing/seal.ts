import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** As long as the plain text was, so that sizes and offsets in the database stay true. */
export interface Sealed {
  data: Buffer;
  /** Nonce and tag, 28 bytes. Without it and the key, the data is noise. */
  seal: Buffer;
}

/**
 * AES-256-GCM with a random nonce.
 *
 * @param context what it is, such as the id of its row: it only opens as that
 */
export function seal(key: Buffer, plain: Buffer, context: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { data, seal: Buffer.concat([nonce, cipher.getAuthTag()]) };
}

/** Null: another key, another context, or other bytes than were sealed. */
export function unseal(key: Buffer, data: Buffer, sealed: Buffer, context: string): Buffer | null {
  if (sealed.length !== NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(NONCE_BYTES));
  try {
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    return null;
  }
}
