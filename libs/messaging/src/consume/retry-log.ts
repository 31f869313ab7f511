import type { Logger } from '@nestjs/common';
import type { ConsumedMessage } from './consumed-message.js';
import type { Settled } from './handle-and-settle.js';

/**
 * Says when handling begins to fail and when it works again, not each failure: with Postgres away, thousands
 * of messages fail in the same way. The single ones are logged at debug level.
 */
export class RetryLog {
  private isFailing = false;

  constructor(
    private readonly logger: Logger,
    private readonly consumerName: string,
  ) {}

  record(message: ConsumedMessage, settled: Settled): void {
    if (settled.as === 'retried') this.recordFailure(message, settled.error);
    else if (settled.as === 'acknowledged') this.recordSuccess();
    else if (settled.as === 'dropped') {
      this.logger.error({
        msg: 'a message was dropped: it can be neither handled nor kept as a dead letter',
        consumer: this.consumerName,
        subject: message.subject.slice(0, 200),
        sizeBytes: message.data.length,
        err: settled.error,
      });
    } else if (settled.as === 'unconfirmed') {
      this.logger.debug({
        msg: 'acknowledgment not confirmed',
        subject: message.subject,
        err: settled.error,
      });
    }
  }

  private recordFailure(message: ConsumedMessage, error: unknown): void {
    const entry = {
      msg: 'handling failed, the message comes again',
      consumer: this.consumerName,
      subject: message.subject,
      deliveryCount: message.deliveryCount,
      err: error,
    };
    if (this.isFailing) this.logger.debug(entry);
    else this.logger.warn(entry);
    this.isFailing = true;
  }

  private recordSuccess(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    this.logger.log({ msg: 'handling works again', consumer: this.consumerName });
  }
}
