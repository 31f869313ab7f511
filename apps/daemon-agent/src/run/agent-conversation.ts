import type { CheckpointToRestore, SpawnTask } from '#contracts';
import type { Conversations } from '../conversation/conversations.js';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import type { Runner } from '#agents';
import type { ProcessEnd } from './agent-process.js';
import type { Attempt } from './attempt.js';

/** A program that ends sooner without having written anything has refused its conversation. */
const REFUSED_WITHIN_MILLISECONDS = 30_000;

export interface ConversationDependencies {
  conversations: Pick<Conversations, 'restore' | 'read' | 'readable'>;
  /** Bytes of a file of a checkpoint's conversation, from an offset on. */
  readConversation: (
    spawn: SpawnTask,
    checkpointNumber: number,
    path: string,
    offsetBytes: number,
  ) => Promise<Buffer>;
}

/** Whether and how the program of an attempt goes on with its conversation. */
export class AgentConversation {
  /** The program finds its record of it on this machine. */
  continues = false;
  /** Why it cannot, although its checkpoint has one. */
  problem: string | undefined;
  /** It said that it goes on with another conversation than it was asked to. */
  private otherSession: string | undefined;
  private startedAt = 0;
  private digestBefore: string | undefined;

  private constructor(
    private readonly attempt: Attempt,
    private readonly deps: ConversationDependencies,
  ) {}

  /**
   * Finds the conversation of a resumed task: where it was left, or from the checkpoint that its files were
   * restored from, and from no other: both halves belong together.
   */
  static async open(
    attempt: Attempt,
    runner: Runner,
    worktree: PreparedWorktree,
    deps: ConversationDependencies,
  ): Promise<AgentConversation> {
    const conversation = new AgentConversation(attempt, deps);
    if (attempt.spawn.resumeSession && runner.continue !== undefined) {
      conversation.continues = await conversation.find(runner, worktree);
    }
    return conversation;
  }

  get sessionId(): string | undefined {
    return this.attempt.record()?.sessionId;
  }

  /** The program is about to start. */
  async starting(): Promise<void> {
    this.startedAt = Date.now();
    this.digestBefore = await this.digest();
  }

  /**
   * The program named its conversation.
   *
   * @returns false when it was asked to go on with another one: it has started over, and must be stopped
   */
  async named(sessionId: string): Promise<boolean> {
    if (this.continues && sessionId !== this.sessionId) {
      this.otherSession = sessionId;
      return false;
    }
    await this.attempt.remember({ sessionId });
    return true;
  }

  /** Why the program did not go on with its conversation; undefined when it did, or was not asked to. */
  async refusal({ exitCode, signal }: ProcessEnd): Promise<string | undefined> {
    if (!this.continues) return undefined;
    if (this.otherSession !== undefined) return 'the program began another conversation';
    if (exitCode === 0 || Date.now() - this.startedAt > REFUSED_WITHIN_MILLISECONDS) return undefined;
    if ((await this.digest()) !== this.digestBefore) return undefined;
    return `the program ended at once with ${signal ?? `exit code ${exitCode}`}`;
  }

  /**
   * The program starts over.
   *
   * @returns what was said so far, as text for it to read; undefined if that cannot be read
   */
  async startOver(): Promise<string | undefined> {
    const record = this.attempt.record();
    this.continues = false;
    this.otherSession = undefined;
    return record && this.deps.conversations.readable(record);
  }

  private async find(runner: Runner, worktree: PreparedWorktree): Promise<boolean> {
    switch (worktree.origin) {
      case 'reused':
        return runner.session === undefined || this.sessionId !== undefined;
      case 'restored':
        return this.restore(worktree, worktree.restored!.checkpoint);
      case 'fresh':
        return false;
    }
  }

  private async restore(worktree: PreparedWorktree, checkpoint: CheckpointToRestore): Promise<boolean> {
    const { conversation, checkpointNumber } = checkpoint;
    const { spawn } = this.attempt;
    if (conversation === undefined || conversation.runner !== spawn.runner) return false;
    const problem = await this.deps.conversations.restore(
      spawn.taskId,
      worktree.worktreeDir,
      conversation,
      (path, offset) => this.deps.readConversation(spawn, checkpointNumber!, path, offset),
    );
    if (problem !== undefined) {
      this.problem = `it cannot be restored: ${problem}`;
      return false;
    }
    await this.attempt.remember({ sessionId: conversation.sessionId });
    this.attempt.say(
      `Conversation ${conversation.sessionId} restored (${conversation.linesCount} lines, verified)`,
    );
    return true;
  }

  private async digest(): Promise<string | undefined> {
    const record = this.attempt.record();
    return record && (await this.deps.conversations.read(record)).read?.digest;
  }
}
