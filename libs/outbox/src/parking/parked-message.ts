import type { TakenMessage } from '#database';
import { ConsumedMessage } from '#messaging';
import type { SettleParked } from './settle-parked.js';

/** A message that was set aside and is taken up again; settling it changes its row. */
export class ParkedMessage extends ConsumedMessage {
  /** Those of its stream are not kept. */
  readonly headers = {};

  /** @param postponed called with the delay when it waits on */
  constructor(
    private readonly row: TakenMessage,
    private readonly settling: SettleParked,
    private readonly postponed: (delayMilliseconds: number) => void,
  ) {
    super();
  }

  get subject(): string {
    return this.row.subject;
  }

  get data(): Uint8Array {
    return this.row.payload;
  }

  /** All: those from the stream, and those from here. */
  get deliveryCount(): number {
    return this.row.tries;
  }

  get storedAt(): Date {
    return this.row.sentAt;
  }

  /** Its process has it for as long as the lease says. */
  working(): void {}

  async acknowledge(): Promise<void> {
    await this.settling.end(this.row.id);
  }

  async retry(delayMilliseconds = 0): Promise<void> {
    await this.settling.postpone(this.row.id, delayMilliseconds);
    this.postponed(delayMilliseconds);
  }

  async terminate(): Promise<void> {
    await this.settling.end(this.row.id);
  }
}
