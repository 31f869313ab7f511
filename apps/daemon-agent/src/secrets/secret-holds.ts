import { Logger } from '@nestjs/common';
import type { CapturedSecret, HeldCheckpoint, HeldFile, SecretDecision, SecretDesk } from '#git';
import type { CheckpointCreated } from '#contracts';

/** How long a decision may lie there before it is seen. */
const LOOK_EVERY_MILLISECONDS = 1000;

/** What becomes of a checkpoint that waited. */
export interface HoldEnd {
  checkpoint: HeldCheckpoint;
  /** `release`: it may be sent as it is. `omit`: it must not; the worktree is captured without the files. */
  decision: SecretDecision;
}

/** Pure: undefined while something of it is not decided. One file that must not go keeps all of it here. */
export function decideHold(
  files: readonly HeldFile[],
  decisionOf: (contentId: string) => SecretDecision | undefined,
): SecretDecision | undefined {
  const decisions = new Set(files.map(({ contentId }) => decisionOf(contentId)));
  if (decisions.has(undefined)) return undefined;
  return decisions.has('omit') ? 'omit' : 'release';
}

/** Pure: what waits, in one line of at most 400 characters, and what to do about it. */
export function describeHold(files: readonly HeldFile[]): string {
  const named = files.slice(0, 3).map(({ path, rules }) => `${path} (${rules.join(', ') || 'not-scanned'})`);
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  const what = `${named.join(', ')}${more}`.replaceAll(/\p{C}+/gu, ' ').slice(0, 300);
  return `the checkpoint is held for what may be secrets: ${what}; run \`patchpoint hold list\` on this machine`;
}

/** The captures of a task wait for a person. */
export class SecretHeldError extends Error {
  override readonly name = 'SecretHeldError';
  readonly code = 'SECRET_HELD';

  constructor(files: readonly HeldFile[]) {
    super(describeHold(files));
  }
}

/** The checkpoints of this daemon that wait for a person. They lie in the spool, and are not sent. */
export class SecretHolds {
  private readonly logger = new Logger(SecretHolds.name);
  private readonly held = new Map<string, HeldCheckpoint>();
  private timer: NodeJS.Timeout | undefined;
  private ended: (end: HoldEnd) => Promise<void> = async () => {};
  private stopped = false;

  private constructor(readonly desk: SecretDesk) {}

  /** Recalls what waited when the daemon was stopped. */
  static async open(desk: SecretDesk): Promise<SecretHolds> {
    const holds = new SecretHolds(desk);
    for (const checkpoint of await desk.list()) holds.held.set(checkpoint.eventId, checkpoint);
    return holds;
  }

  /** @param ended called for each checkpoint once all is decided; called again if it rejects */
  start(ended: (end: HoldEnd) => Promise<void>): void {
    this.ended = ended;
    this.schedule();
  }

  /** May be called twice. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  isHeld(eventId: string): boolean {
    return this.held.has(eventId);
  }

  get(eventId: string): HeldCheckpoint | undefined {
    return this.held.get(eventId);
  }

  /** Before it is spooled: nothing that must wait is ever sent. Changes nothing where nothing must. */
  async holdSecretsOf(event: CheckpointCreated, secrets: readonly CapturedSecret[]): Promise<void> {
    const files = secrets
      .filter(({ verdict }) => verdict === 'hold')
      .map(({ path, contentId, rules, isUntracked }) => {
        return { path: Buffer.from(path, 'latin1').toString('utf8'), contentId, rules, isUntracked };
      });
    if (files.length === 0) return;
    const { eventId, taskId, attempt, sequence, capturedAt: heldAt } = event;
    await this.hold({ eventId, taskId, attempt, sequence, heldAt, files });
  }

  private async hold(checkpoint: HeldCheckpoint): Promise<void> {
    await this.desk.hold(checkpoint);
    this.held.set(checkpoint.eventId, checkpoint);
    this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.stopped || this.held.size === 0) return;
    this.timer = setTimeout(() => void this.review(), LOOK_EVERY_MILLISECONDS);
  }

  private async review(): Promise<void> {
    for (const checkpoint of this.held.values()) {
      const decision = decideHold(checkpoint.files, (contentId) => this.desk.decisionOf(contentId));
      if (decision === undefined) continue;
      try {
        // Not sent before it is released, and not forgotten before that has happened.
        if (decision === 'release') this.held.delete(checkpoint.eventId);
        await this.ended({ checkpoint, decision });
        this.held.delete(checkpoint.eventId);
        await this.desk.remove(checkpoint.eventId);
        this.logger.log({ msg: 'a held checkpoint was decided upon', decision, eventId: checkpoint.eventId });
      } catch (error) {
        this.held.set(checkpoint.eventId, checkpoint);
        this.logger.warn({ msg: 'what was decided of a held checkpoint could not be done yet', err: error });
      }
    }
    this.schedule();
  }
}
