import { NatsClient, STREAMS } from '#messaging';
import { silenceLibs } from '../../shell/silence-libs.js';
import { ok, problem, type Finding } from './finding.js';

const PATIENCE_MILLISECONDS = 5_000;

export async function checkNats(url: string, credentialsFile: string | undefined): Promise<Finding[]> {
  silenceLibs();
  const nats = new NatsClient({ url, credentialsFile }, 'patchpoint doctor');
  try {
    const connection = await nats.connectedWithin(PATIENCE_MILLISECONDS);
    return [ok('NATS', `nats-server ${connection.info?.version}`), await checkJetStream(nats)];
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
