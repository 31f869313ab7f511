import { IsNameToken } from '../fields/fields.js';
import { Message } from '../wire/message.js';

/**
 * Asks patch-store to make the consumers from which the daemon pulls its commands, and those of the pool that
 * it is known in. Asked by daemons that may not make any themselves. May be asked again. A daemon whose
 * heartbeat was not heard yet gets no answer but `INTERNAL`: it asks again later.
 */
export class OpenCommandsRequest extends Message {
  @IsNameToken()
  daemonId!: string;
}

export class OpenCommandsReply {
  /** Whose orders it may pull besides its own. */
  @IsNameToken()
  pool!: string;
}
