import type { AgentConfig } from './agent.config.js';
import { Endpoint } from './boundaries/endpoint.js';
import { CaptureCheckpoint } from './capture/capture-checkpoint.js';
import { Conversations } from './conversation/conversations.js';
import { observeTasks } from './presence/metrics.js';
import { DaemonHeartbeats } from './presence/daemon-heartbeats.js';
import { notifyNobody, notifyParent } from './report/notify-parent.js';
import { reportProgress } from './report/report-progress.js';
import { ReportQueue } from './report/report-queue.js';
import { TaskOutputPublisher, type Send } from './report/task-output-publisher.js';
import type { ReadSlice } from './restore/read-spawn-patch.js';
import type { Claim } from './run/claim-again.js';
import { InvalidOrders } from './run/invalid-orders.js';
import { InvalidSpawns } from './run/invalid-spawns.js';
import { SpawnIntake, type SpawnSource } from './run/spawn-intake.js';
import type { TaskDependencies } from './run/task-run.js';
import { TaskRuns } from './run/task-runs.js';
import { WatchOrders } from './run/watch-orders.js';
import { CheckpointPublisher, type CheckpointTransport } from './spool/checkpoint.publisher.js';
import { Confirmations } from './spool/confirmations.js';
import { DamagedEntries } from './spool/damaged-entries.js';
import { DeliveryGate } from './spool/delivery-gate.js';
import { observeSpool } from './spool/metrics.js';
import { Spool } from './spool/spool.js';
import { RejectedOrders } from './state/rejected-orders.js';
import { SecretDesk, SecretScanner } from '#git';
import { SecretHolds } from './secrets/secret-holds.js';
import { openStateFolder, type StateFolder } from './state/state-folder.js';
import { TaskRegistry } from './state/task-registry.js';

/** What a daemon needs from outside its machine. */
export interface AgentTransport extends CheckpointTransport {
  send: Send;
  spawns: SpawnSource;
  claim: Claim;
  readSlice: ReadSlice;
  readConversation: TaskDependencies['readConversation'];
  findCheckpoint: TaskDependencies['findCheckpoint'];
  listCheckpoints: TaskDependencies['listCheckpoints'];
}

/** The parts of a daemon, each wired to those that it uses. */
export interface DaemonParts {
  folder: StateFolder;
  registry: TaskRegistry;
  spool: Spool;
  reports: ReportQueue;
  publisher: CheckpointPublisher;
  heartbeats: DaemonHeartbeats;
  capturer: CaptureCheckpoint;
  runs: TaskRuns;
  endpoint: Endpoint;
  holds: SecretHolds;
  scanner: SecretScanner;
  intake: SpawnIntake;
  confirmations: Confirmations;
  damages: DamagedEntries;
  watchOrders: WatchOrders;
  invalidOrders: InvalidOrders;
}

/**
 * Opens what is on disk and builds each part from the parts before it; listeners are attached last. Nothing
 * runs and nothing is sent yet.
 */
export async function openParts(
  config: AgentConfig,
  daemonId: string,
  transport: AgentTransport,
): Promise<DaemonParts> {
  const { send, spawns, claim, readSlice, readConversation, findCheckpoint, listCheckpoints } = transport;
  const { runners } = config;
  const folder = openStateFolder(config.stateDir);
  const registry = await TaskRegistry.open(folder.tasks);
  const spool = await Spool.open(folder, config.spoolLimitBytes);
  const reports = await ReportQueue.open(folder.reports, (subject, bytes) =>
    transport.publish(subject, bytes),
  );
  observeSpool(spool, folder);
  observeTasks(registry);

  const unconfirmedCount = (): number => spool.pending().length;
  const notify = config.watchDir === undefined ? notifyNobody : notifyParent(unconfirmedCount);
  const output = new TaskOutputPublisher(daemonId, send, notify);
  const scanner = new SecretScanner();
  const holds = await SecretHolds.open(new SecretDesk(folder.secrets));
  const gate = new DeliveryGate(config.watchDir !== undefined, registry, holds);
  const publisher = new CheckpointPublisher(spool, transport, gate);
  const heartbeats = new DaemonHeartbeats(daemonId, config, registry, spool, send);

  const conversations = new Conversations(config, folder, runners);
  const shared = { config, daemonId, folder, registry, output, conversations };
  const capturer = new CaptureCheckpoint({
    ...shared,
    spool,
    holds,
    secrets: {
      ...config.secrets,
      scanner,
      decisionOf: (contentId) => holds.desk.decisionOf(contentId),
    },
    onSpooled: ({ event }) => {
      publisher.wake();
      if (event.success) notify({ type: 'checkpoint-captured' });
    },
    onHealthChanged: () => heartbeats.beat(),
    onProgress: config.watchDir === undefined ? undefined : reportProgress(notify),
  });
  const confirmed = (taskId: string, until: number): Promise<boolean> =>
    publisher.settle(until - Date.now(), taskId);
  const endpoint = new Endpoint();
  const runs = new TaskRuns({
    ...shared,
    spool,
    gate,
    runners,
    capturer,
    reports,
    notify,
    readSlice,
    readConversation,
    endpoint,
    claim,
    findCheckpoint,
    listCheckpoints,
    confirmed,
  });
  const rejectedOrders = new RejectedOrders(folder.rejected);
  const invalidSpawns = new InvalidSpawns(runs, claim, {
    daemonId,
    registry,
    reports,
    output,
    rejected: rejectedOrders,
  });
  const invalidOrders = new InvalidOrders({ runs, capturer, output, rejected: rejectedOrders });
  const intake = new SpawnIntake(spawns, runs, claim, invalidSpawns);

  const recapture = (taskId: string): void => void runs.recaptureEnded(taskId);
  const settled = (): void => heartbeats.settled();
  const confirmations = new Confirmations(spool, registry, output, recapture, settled, notify);
  const damages = new DamagedEntries(registry, output, recapture);
  const watchOrders = new WatchOrders({ runs, gate, spool, publisher, reports, notify });
  holds.start(async ({ checkpoint: { eventId, taskId }, decision }) => {
    if (decision === 'omit') {
      await spool.discard(eventId);
      void runs.recaptureEnded(taskId);
    } else if (registry.get(taskId)?.lastCapture?.eventId === eventId) {
      await registry.note(taskId, { captureFailure: undefined });
    }
    publisher.wake();
    heartbeats.beat();
  });
  spool.onDamaged((damaged) => damages.take(damaged));
  runs.onChange(() => {
    intake.wake();
    heartbeats.beat();
  });
  return {
    folder,
    registry,
    spool,
    reports,
    publisher,
    heartbeats,
    capturer,
    runs,
    endpoint,
    holds,
    scanner,
    intake,
    confirmations,
    damages,
    watchOrders,
    invalidOrders,
  };
}
