import { afterAll, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { useNats } from './use-nats.js';

const nats = useNats();
let closedAfterOurs = false;

afterAll(() => {
  expect(nats.pid).toBeGreaterThan(0); // it still runs: the file's own afterAll comes first
  process.kill(nats.pid, 0);
  closedAfterOurs = true;
});

describe('useNats', () => {
  it('gives a server whose store and port survive SIGKILL', async () => {
    const before = await connect({ servers: nats.url });
    const manager = await jetstreamManager(before);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await jetstream(before).publish('kept.one', 'payload');
    await before.close();
    const { url } = nats;

    await nats.kill();
    await nats.restart();

    expect(nats.url).toBe(url);
    const after = await connect({ servers: nats.url });
    const stream = await (await jetstreamManager(after)).streams.info('KEPT');
    expect(stream.state.messages).toBe(1);
    await after.close();
    expect(closedAfterOurs).toBe(false);
  });
});
