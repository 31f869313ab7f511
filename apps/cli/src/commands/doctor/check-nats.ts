import { NatsClient, oldestUnsettled, STALLED_AFTER_SECONDS, STREAMS, type Unsettled } from '#messaging';
import { silenceLibs } from '../../shell/silence-libs.js';
import { ok, problem, warning, type Finding } from './finding.js';

const PATIENCE_MILLISECONDS = 5_000;

export async function checkNats(url: string, credentialsFile: string | undefined): Promise<Finding[]> {
  silenceLibs();
  const nats = new NatsClient({ url, credentialsFile }, 'patchpoint doctor');
  try {
    const connection = await nats.connectedWithin(PATIENCE_MILLISECONDS);
    return [
      ok('NATS', `nats-server ${connection.info?.version}`),
      await checkJetStream(nats),
      ...(await checkIntake(nats)),
    ];
  } catch (error) {
    return [
      problem(
        'NATS',
        (error as Error).message,
        'Start nats-server with -js, or correct NATS_URL and its credentials.',
      ),
    ];
  } finally {
    await nats.close();
  }
}

/** Whether messages are handled: nothing of a queue may wait for long. */
async function checkIntake(nats: NatsClient): Promise<Finding[]> {
  const manager = await nats.jetStreamManager();
  const found: Finding[] = [];
  for (const { name } of [STREAMS.checkpoints, STREAMS.tasks]) {
    // What is missing is in JetStream's line.
    const unsettled = await oldestUnsettled(manager, name).catch(() => undefined);
    if (unsettled) found.push(intakeFinding(name, unsettled));
  }
  return found;
}

/** Pure: the line of one queue. */
export function intakeFinding(stream: string, { messages, oldestAgeSeconds }: Unsettled): Finding {
  const what = `queue ${stream}`;
  if (messages === 0) return ok(what, 'nothing waits');
  const waits = `${messages} waiting, the oldest for ${Math.round(oldestAgeSeconds)} s`;
  if (oldestAgeSeconds <= STALLED_AFTER_SECONDS) return ok(what, waits);
  const fix = 'Look at /readyz and the log of checkpoint-ingest and patch-store: they are away, or stuck.';
  return warning(what, waits, fix);
}

async function checkJetStream(nats: NatsClient): Promise<Finding> {
  try {
    const { streams } = await nats.jetStreamManager();
    const names = await streams.names().next();
    const missing = Object.values(STREAMS)
      .map(({ name }) => name)
      .filter((name) => !names.includes(name));
    if (missing.length === 0) return ok('JetStream', `${names.length} streams`);
    return problem(
      'JetStream',
      `no stream ${missing.join(', ')}`,
      'Start an app of Patchpoint: it creates what is missing.',
    );
  } catch (error) {
    return problem(
      'JetStream',
      (error as Error).message,
      'Start nats-server with JetStream (-js) for this account.',
    );
  }
}
