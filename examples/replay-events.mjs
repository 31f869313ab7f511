/**
 * Prints the events of the last day, oldest first, and ends.
 *
 *   NATS_SERVER=127.0.0.1:4222 node examples/replay-events.mjs [hours] [kind]
 */
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const [hours = '24', kind = '*'] = process.argv.slice(2);

const connection = await connect({
  servers: process.env.NATS_SERVER ?? '127.0.0.1:4222',
  user: process.env.NATS_USER,
  pass: process.env.NATS_PASSWORD,
  inboxPrefix: '_INBOX_dashboard',
});
// An ordered consumer: the server forgets it afterwards, and nothing is acknowledged.
const consumer = await jetstream(connection, { checkAPI: false }).consumers.get('EVENTS', {
  filter_subjects: `patchpoint.v1.event.*.*.${kind}`,
  deliver_policy: DeliverPolicy.StartTime,
  opt_start_time: new Date(Date.now() - Number(hours) * 3_600_000).toISOString(),
});
const { num_pending: waiting } = await consumer.info();
if (waiting > 0) {
  for await (const message of await consumer.consume()) {
    const { headers } = message;
    console.log(headers.get('ce-time'), headers.get('ce-type'), headers.get('ce-subject'), message.string());
    if (message.info.pending === 0) break;
  }
}
await connection.close();
