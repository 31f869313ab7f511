import { Equals } from 'class-validator';
import { IsId, IsNameToken, IsOrdinal } from '../fields/fields.js';

/** The one version of the wire format that this code reads and writes. */
export const SCHEMA_VERSION = 1;

/** The fields that every message has. */
export abstract class Message {
  @Equals(SCHEMA_VERSION)
  schemaVersion: number = SCHEMA_VERSION;

  /** UUIDv7 of this message. The same id means the same message: consumers deduplicate by it. */
  @IsId()
  eventId!: string;
}

/** A message about one attempt of one task, from or to one daemon. */
export abstract class TaskMessage extends Message {
  @IsNameToken()
  daemonId!: string;

  @IsId()
  taskId!: string;

  /** The spawn of the task that this message belongs to: 1 for the first, raised by every resume. */
  @IsOrdinal()
  attempt!: number;
}
