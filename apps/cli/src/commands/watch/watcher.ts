import type { WatchMessage, WatchOrder } from '#contracts';
import { EmbeddedError, startApp, type AppProcess, type ExitStatus } from '#embedded';
import { CliError } from '../../errors/cli-error.js';
import type { NatsPlace } from '../../settings/nats-address.js';
import type { WatchFolder } from './watch-folder.js';

/** Resolves nowhere (RFC 2606): for a watcher whose server is not known yet. */
const NOWHERE: NatsPlace = { url: 'nats://no-server.invalid', credentialsFile: undefined };

export interface WatcherOptions {
  folder: WatchFolder;
  worktreeDir: string;
  /** Between captures; 0: only the final one, when it is stopped. */
  everySeconds: number;
  onMessage: (message: WatchMessage) => void;
}

/**
 * The daemon that watches the worktree, as a child process that ends with this one. It is bound to the NATS
 * that it was started with: for another one, another process goes on with what is on its disk.
 */
export class Watcher {
  private process!: AppProcess;
  private isMoving = false;
  private resolveDied!: (status: ExitStatus) => void;
  /** Resolves when its process has ended for another reason than {@link move}. */
  readonly died = new Promise<ExitStatus>((resolve) => (this.resolveDied = resolve));
  /** Its NATS; undefined: none. */
  nats: NatsPlace | undefined;

  private constructor(private readonly options: WatcherOptions) {}

  /** @throws CliError when the worktree is already being watched; EmbeddedError when it does not start */
  static async start(options: WatcherOptions, nats: NatsPlace | undefined): Promise<Watcher> {
    const watcher = new Watcher(options);
    await watcher.startAt(nats);
    return watcher;
  }

  get logFile(): string {
    return this.process.logFile;
  }

  send(order: WatchOrder): void {
    this.process.send(order);
  }

  /** Another process in its place, at that NATS. Nothing of the old one is under way any more. */
  async move(nats: NatsPlace): Promise<void> {
    this.isMoving = true;
    await this.stop();
    await this.startAt(nats);
    this.isMoving = false;
  }

  /**
   * All that it has to say is heard before it counts as ended. May be called twice.
   *
   * @param graceSeconds for a capture that is under way; default: as long as the daemon allows
   */
  async stop(graceSeconds?: number): Promise<void> {
    await this.process.stop(graceSeconds);
    await this.process.lastWord;
  }

  private async startAt(nats: NatsPlace | undefined): Promise<void> {
    const started = await startDaemon(this.options, nats ?? NOWHERE);
    this.process = started;
    this.nats = nats;
    void this.noteDeath(started);
  }

  private async noteDeath(started: AppProcess): Promise<void> {
    const status = await started.exited;
    if (this.process === started && !this.isMoving) this.resolveDied(status);
  }
}

async function startDaemon(options: WatcherOptions, nats: NatsPlace): Promise<AppProcess> {
  const { folder, worktreeDir, everySeconds, onMessage } = options;
  try {
    return await startApp({
      app: 'daemon-agent',
      name: 'watcher',
      runDir: folder.runDir,
      environment: {
        NATS_URL: nats.url,
        PATCHPOINT_NATS_CREDENTIALS_FILE: nats.credentialsFile ?? '',
        PATCHPOINT_API_TOKEN: '', // it needs none
        PATCHPOINT_DAEMON_ID: folder.daemonId,
        PATCHPOINT_POOL: folder.daemonId,
        PATCHPOINT_STATE_DIR: folder.stateDir,
        PATCHPOINT_WATCH_DIR: worktreeDir,
        PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: String(everySeconds),
        PATCHPOINT_MAX_TASKS: '1',
      },
      onMessage: (message) => onMessage(message as WatchMessage),
    });
  } catch (error) {
    if (!(error instanceof EmbeddedError) || !error.isInUse()) throw error;
    throw new CliError(`${worktreeDir} is already being watched by another \`patchpoint watch\`.`, {
      code: 'ALREADY_WATCHED',
      nextStep: 'Stop that one first if you want to replace it.',
    });
  }
}
