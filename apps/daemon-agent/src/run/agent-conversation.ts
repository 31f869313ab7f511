import { isCopied, type CheckpointToRestore, type SpawnTask } from '#contracts';
import type { Conversations } from '../conversation/conversations.js';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import type { Runner } from '#agents';
import type { ProcessEnd } from '../processes/agent-process.js';
import type { Attempt } from './attempt.js';

/** A program that ends sooner without having written anything has refused its conversation. */
const REFUSED_WITHIN_MILLISECONDS = 30_000;

export interface ConversationDependencies {
  conversations: Pick<Conversations, 'restore' | 'read' | 'readable' | 'hasBegun'>;
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
  /** The conversation of another task that it goes on from in one of its own, and finds on this machine. */
  forkedSessionId: string | undefined;
  /** What was said so far, as text for a program that starts over; undefined: nothing that can be read. */
  readable: string | undefined;
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
   * restored from, and from no other: both halves belong together. That of the checkpoint that a fork begins
   * with is another task's, and stays as it is.
   */
  static async open(
    attempt: Attempt,
    runner: Runner,
    worktree: PreparedWorktree,
    deps: ConversationDependencies,
  ): Promise<AgentConversation> {
    const conversation = new AgentConversation(attempt, deps);
    if (attempt.spawn.resumeSession) await conversation.find(runner, worktree);
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
   * @returns false when it was asked to go on with another one, or in one of its own, and does not: it must
   *   be stopped
   */
  async named(sessionId: string): Promise<boolean> {
    if (sessionId === this.forkedSessionId || (this.continues && sessionId !== this.sessionId)) {
      this.otherSession = sessionId;
      return false;
    }
    await this.attempt.remember({ sessionId });
    return true;
  }

  /** Why the program did not go on with its conversation; undefined when it did, or was not asked to. */
  async refusal({ exitCode, signal }: ProcessEnd): Promise<string | undefined> {
    if (!this.continues && this.forkedSessionId === undefined) return undefined;
    if (this.otherSession !== undefined) return 'the program went on with another conversation';
    if (exitCode === 0 || Date.now() - this.startedAt > REFUSED_WITHIN_MILLISECONDS) return undefined;
    if ((await this.digest()) !== this.digestBefore) return undefined;
    return `the program ended at once with ${signal ?? `exit code ${exitCode}`}`;
  }

  /** The program starts over: {@link readable} is what it may read then. */
  async startOver(): Promise<void> {
    const record = this.attempt.record();
    this.readable = record && (await this.deps.conversations.readable(record));
    this.continues = false;
    this.forkedSessionId = undefined;
    this.otherSession = undefined;
    await this.attempt.remember({ forkedSessionId: undefined });
  }

  private async find(runner: Runner, worktree: PreparedWorktree): Promise<void> {
    switch (worktree.origin) {
      case 'reused':
        return this.findHere(runner);
      case 'restored':
        return this.restore(runner, worktree, worktree.restored!.checkpoint);
      case 'fresh':
        return;
    }
  }

  /** A fork that was interrupted before its program had written anything of its own forks once more. */
  private async findHere(runner: Runner): Promise<void> {
    const record = this.attempt.record();
    if (record?.forkedSessionId !== undefined) {
      if (!(await this.deps.conversations.hasBegun(record))) return this.fork(runner, record.forkedSessionId);
      await this.attempt.remember({ forkedSessionId: undefined });
    }
    const isKnown = runner.session === undefined || this.sessionId !== undefined;
    this.continues = runner.continue !== undefined && isKnown;
  }

  private async restore(
    runner: Runner,
    worktree: PreparedWorktree,
    checkpoint: CheckpointToRestore,
  ): Promise<void> {
    const { conversation, checkpointNumber } = checkpoint;
    const { spawn } = this.attempt;
    const isForeign = isCopied(checkpoint.checkpointAttempt);
    if (conversation === undefined || conversation.runner !== spawn.runner) return;
    if (runner.continue === undefined && !isForeign) return;
    const problem = await this.deps.conversations.restore(
      spawn.taskId,
      worktree.worktreeDir,
      conversation,
      (path, offset) => this.deps.readConversation(spawn, checkpointNumber!, path, offset),
    );
    if (problem !== undefined) {
      this.problem = `it cannot be restored: ${problem}`;
      return;
    }
    const { sessionId, linesCount } = conversation;
    this.attempt.say(`Conversation ${sessionId} restored (${linesCount} lines, verified)`);
    if (isForeign) return this.fork(runner, sessionId);
    await this.attempt.remember({ sessionId, forkedSessionId: undefined });
    this.continues = true;
  }

  /** From the conversation of another task; a program that cannot do that reads it. */
  private async fork(runner: Runner, forkedSessionId: string): Promise<void> {
    await this.attempt.remember({ sessionId: undefined, forkedSessionId });
    if (runner.fork !== undefined) {
      this.forkedSessionId = forkedSessionId;
      return;
    }
    this.problem = `runner "${this.attempt.spawn.runner}" cannot fork it`;
    await this.startOver();
  }

  private async digest(): Promise<string | undefined> {
    const record = this.attempt.record();
    return record && (await this.deps.conversations.read(record)).read?.digest;
  }
}
