import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import type { ContractError } from '#contracts';
import { removeFile, writeDurably } from './durable-file.js';

const SUFFIX = '.order.json';

/** Files; the oldest make room. */
const MOST_ORDERS = 100;

/** Of one order; the largest that services send holds a patch of 256 KiB in base64. */
const MOST_BYTES = 64 * 1024;

const rejectedOrdersTotal = new Counter({
  name: 'patchpoint_rejected_orders_total',
  help: 'Orders that this daemon could not carry out',
  labelNames: ['code'],
});

/** An order as it came. */
export interface RejectedOrder {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Orders that this daemon could not carry out, in `rejected/`: a daemon has no table of dead letters. */
export class RejectedOrders {
  private readonly logger = new Logger(RejectedOrders.name);

  constructor(private readonly folder: string) {}

  /** Keeps the beginning of the order, with the reason. Never fails: the log has both, too. */
  async keep({ subject, data }: RejectedOrder, { code, message }: ContractError): Promise<void> {
    rejectedOrdersTotal.inc({ code });
    const order = {
      subject: subject.slice(0, 1000),
      code,
      reason: message.slice(0, 8000),
      sizeBytes: data.length,
      payload: Buffer.from(data.subarray(0, MOST_BYTES)).toString('base64'),
    };
    this.logger.error({
      msg: 'an order cannot be carried out; it is kept in rejected/',
      ...order,
      payload: Buffer.from(data.subarray(0, 2000)).toString('utf8'),
    });
    try {
      await writeDurably(join(this.folder, `${uuidv7()}${SUFFIX}`), JSON.stringify(order));
      await this.removeOldest();
    } catch (error) {
      this.logger.warn({ msg: 'a rejected order could not be kept on disk', err: error });
    }
  }

  private async removeOldest(): Promise<void> {
    // The names are UUIDv7: sorted by name is sorted by time.
    const orders = (await readdir(this.folder)).filter((file) => file.endsWith(SUFFIX)).sort();
    for (const file of orders.slice(0, -MOST_ORDERS)) await removeFile(join(this.folder, file));
  }
}
