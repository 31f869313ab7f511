import { Logger } from '@nestjs/common';
import {
  cwdSlugOf,
  hasRecorded,
  openTaskHome,
  placeConversation,
  programEnvironment,
  readableConversation,
  readConversation,
  taskHomeDir,
  type ConversationPlace,
  type ReadConversation,
  type ReadConversationSlice,
  type Runner,
  type Runners,
} from '#agents';
import type { Conversation } from '#contracts';
import type { AgentConfig } from '../agent.config.js';
import type { StateFolder } from '../state/state-folder.js';
import type { TaskRecord } from '../state/task-record.js';

const NOTHING_SENT = { sent: [], stored: [] };

/** A conversation, or nothing yet, or why it is in no checkpoint. */
export interface FoundConversation {
  read?: ReadConversation | undefined;
  problem?: string;
}

/** The conversations of this daemon's tasks: where their programs write them, and what captures take. */
export class Conversations {
  private readonly logger = new Logger(Conversations.name);

  constructor(
    private readonly config: AgentConfig,
    private readonly folder: StateFolder,
    private readonly runners: Runners,
  ) {}

  /** The home of the task's program, made if necessary; undefined for a program that has none. */
  async openHome(runner: Runner, taskId: string): Promise<string | undefined> {
    const rule = runner.conversation;
    if (rule === undefined) return undefined;
    return openTaskHome(this.folder.homes, taskId, rule, this.config.inheritance.variables[rule.variable]);
  }

  /**
   * What the task's program has recorded so far, for a capture. Never rejects: the files of a task are worth
   * more than what was said about them.
   */
  async read(record: TaskRecord): Promise<FoundConversation> {
    const { spawn, sessionId, worktreeDir } = record;
    const runner = this.runners.get(spawn.runner);
    const rule = runner?.conversation;
    if (!this.config.conversations || runner === undefined || rule === undefined) return {};
    if (sessionId === undefined || worktreeDir === undefined) return {};
    try {
      const place = await this.placeOf(spawn.taskId, runner, sessionId, worktreeDir);
      return {
        read: await readConversation(spawn.runner, rule, place, record.sentConversation ?? NOTHING_SENT),
      };
    } catch (error) {
      this.logger.warn({ msg: 'a conversation could not be read', taskId: spawn.taskId, err: error });
      return { problem: (error as Error).message };
    }
  }

  /** Whether the task's program has recorded anything of its own conversation. */
  async hasBegun({ spawn, sessionId, worktreeDir }: TaskRecord): Promise<boolean> {
    const runner = this.runners.get(spawn.runner);
    if (!runner?.conversation || sessionId === undefined || worktreeDir === undefined) return false;
    const place = await this.placeOf(spawn.taskId, runner, sessionId, worktreeDir);
    return hasRecorded(runner.conversation, place);
  }

  /**
   * What the program has recorded so far, or that it is to go on from, as text for people and other programs;
   * undefined: nothing.
   */
  async readable(record: TaskRecord): Promise<string | undefined> {
    const { spawn, worktreeDir } = record;
    const sessionId = record.forkedSessionId ?? record.sessionId;
    const runner = this.runners.get(spawn.runner);
    const rule = runner?.conversation;
    if (runner === undefined || rule === undefined || sessionId === undefined || worktreeDir === undefined)
      return undefined;
    try {
      const place = await this.placeOf(spawn.taskId, runner, sessionId, worktreeDir);
      const text = await readableConversation(rule, place);
      return text === '' ? undefined : text;
    } catch (error) {
      this.logger.warn({ msg: 'a conversation could not be read', taskId: spawn.taskId, err: error });
      return undefined;
    }
  }

  /**
   * Places the conversation of a checkpoint where the program of its runner will look for it.
   *
   * @returns undefined when it is there; else why not, for people
   */
  async restore(
    taskId: string,
    worktreeDir: string,
    conversation: Conversation,
    read: ReadConversationSlice,
  ): Promise<string | undefined> {
    const runner = this.runners.get(conversation.runner);
    if (runner?.conversation === undefined) {
      return `this daemon has no runner "${conversation.runner}" with conversations`;
    }
    try {
      await this.openHome(runner, taskId);
      const place = await this.placeOf(taskId, runner, conversation.sessionId, worktreeDir);
      await placeConversation(conversation, runner.conversation, place, read);
      return undefined;
    } catch (error) {
      this.logger.warn({ msg: 'a conversation could not be restored', taskId, err: error });
      return (error as Error).message;
    }
  }

  private async placeOf(
    taskId: string,
    runner: Runner,
    sessionId: string,
    worktreeDir: string,
  ): Promise<ConversationPlace> {
    const home = taskHomeDir(this.folder.homes, taskId);
    return {
      home,
      sessionId,
      cwdSlug: await cwdSlugOf(worktreeDir),
      worktreeDir,
      environment: programEnvironment(this.config.inheritance, runner, home),
    };
  }
}
