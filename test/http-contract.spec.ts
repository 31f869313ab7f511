import { describe, expect, it } from '@jest/globals';
import type { CleanupOptions, PatchStoreClient, ResumeOptions, TaskToCreate } from '#client';
import { CleanupWorktreeBody, CreateTaskBody, ResumeTaskBody, type PageQuery } from '#contracts';
import type { CheckpointsController } from '../apps/patch-store/src/checkpoints/checkpoints.controller.js';
import type { ConversationController } from '../apps/patch-store/src/conversations/conversation.controller.js';
import type { DaemonsController } from '../apps/patch-store/src/daemons/daemons.controller.js';
import type { DeadLettersController } from '../apps/patch-store/src/dead-letters/dead-letters.controller.js';
import type { EventsController } from '../apps/patch-store/src/events/events.controller.js';
import type { TaskOutputController } from '../apps/patch-store/src/events/task-output.controller.js';
import type { PatchContentController } from '../apps/patch-store/src/patches/patch-content.controller.js';
import type { PatchesController } from '../apps/patch-store/src/patches/patches.controller.js';
import type { TasksController } from '../apps/patch-store/src/tasks/tasks.controller.js';
import type { TokensController } from '../apps/patch-store/src/tokens/tokens.controller.js';
import { readRoutes } from '../generators/openapi/read-routes.js';
import type { Drifted, Json, None, RequiredKey } from './testing/type-level.js';

/*
 * patch-store and its client say the same of every endpoint, or this file does not compile: `npm run check`
 * names the endpoint. Types are compared, since at run time nothing of them is left.
 */

interface Controllers {
  Checkpoints: CheckpointsController;
  Conversation: ConversationController;
  Daemons: DaemonsController;
  DeadLetters: DeadLettersController;
  Events: EventsController;
  PatchContent: PatchContentController;
  Patches: PatchesController;
  TaskOutput: TaskOutputController;
  Tasks: TasksController;
  Tokens: TokensController;
}
type Operation = {
  [Name in keyof Controllers]: `${Name}.${keyof Controllers[Name] & string}`;
}[keyof Controllers];

/** Endpoints that the client has no method for. */
type NotInTheClient = 'Tasks.putHistory' | 'Patches.create' | 'Patches.latest';
/** Their answers are bytes or streams, not JSON. */
type AnswersNoJson = 'Conversation.content' | 'PatchContent.content' | 'Events.follow' | 'TaskOutput.follow';

type Client = PatchStoreClient;
type Method = (...args: never[]) => unknown;

/** What the server answers, as it comes out of JSON. */
type Served<M extends Method> = Json<Awaited<ReturnType<M>>>;
/** What the client's caller gets; of a list that is read page by page, one item. */
type Got<M extends Method> = ReturnType<M> extends AsyncIterable<infer Item> ? Item : Awaited<ReturnType<M>>;

/** Of every endpoint that the client uses: the answer there, and here. */
interface Answers {
  'Tasks.create': [Served<TasksController['create']>, Got<Client['createTask']>];
  'Tasks.list': [Served<TasksController['list']>['tasks'][number], Got<Client['tasks']>];
  'Tasks.get': [Served<TasksController['get']>, Got<Client['task']>];
  'Tasks.resume': [Served<TasksController['resume']>, Got<Client['resumeTask']>];
  'Tasks.fork': [Served<TasksController['fork']>, Got<Client['forkTask']>];
  'Tasks.stop': [Served<TasksController['stop']>, Got<Client['stopTask']>];
  'Tasks.undo': [Served<TasksController['undo']>, Got<Client['undo']>];
  'Tasks.cleanup': [Served<TasksController['cleanup']>, Got<Client['cleanupWorktree']>];
  'Checkpoints.list': [
    Served<CheckpointsController['list']>['checkpoints'][number],
    Got<Client['allCheckpoints']> & Got<Client['checkpoints']>[number],
  ];
  'Checkpoints.get': [Served<CheckpointsController['get']>, Got<Client['checkpoint']>];
  'Checkpoints.create': [Served<CheckpointsController['create']>, Got<Client['createCheckpoint']>];
  'Patches.list': [Served<PatchesController['list']>['patches'], Got<Client['patches']>];
  'Patches.get': [Served<PatchesController['get']>, Got<Client['patch']>];
  'Patches.delete': [Served<PatchesController['delete']>, Got<Client['deletePatches']>];
  'Daemons.list': [Served<DaemonsController['list']>['daemons'], Got<Client['daemons']>];
  'DeadLetters.list': [
    Served<DeadLettersController['list']>['deadLetters'][number],
    Got<Client['deadLetters']>,
  ];
  'DeadLetters.get': [Served<DeadLettersController['get']>, Got<Client['deadLetter']>];
  'Tokens.create': [Served<TokensController['create']>, Got<Client['createToken']>];
  'Tokens.list': [Served<TokensController['list']>['tokens'][number], Got<Client['tokens']>];
  'Tokens.revoke': [Served<TokensController['revoke']>, Got<Client['revokeToken']>];
  'DeadLetters.replay': [Served<DeadLettersController['replay']>, Got<Client['replayDeadLetter']>];
}

/** Whether a field may be left out is each body's own matter, and tested below. */
type Given<T> = { [Key in keyof T]-?: Exclude<T[Key], undefined> };
type Filter<Query> = Given<Omit<Query, keyof PageQuery | 'cursor'>>;

/** Of every endpoint that is given a body or a query: what the server reads, and what the client sends. */
interface Requests {
  'Tasks.create': [
    Given<Parameters<TasksController['create']>[0]>,
    Given<Parameters<Client['createTask']>[0]>,
  ];
  'Tasks.list': [
    Filter<Parameters<TasksController['list']>[0]>,
    Given<NonNullable<Parameters<Client['tasks']>[0]>>,
  ];
  'Tasks.resume': [
    Given<Parameters<TasksController['resume']>[1]>,
    Given<Parameters<Client['resumeTask']>[1]>,
  ];
  'Tasks.fork': [Given<Parameters<TasksController['fork']>[1]>, Given<Parameters<Client['forkTask']>[1]>];
  'Tasks.stop': [
    Given<Parameters<TasksController['stop']>[1]>,
    { reason: Parameters<Client['stopTask']>[1] },
  ];
  'Tasks.undo': [Given<Parameters<TasksController['undo']>[1]>, Given<Parameters<Client['undo']>[1]>];
  'Tasks.cleanup': [
    Given<Parameters<TasksController['cleanup']>[1]>,
    Given<Parameters<Client['cleanupWorktree']>[1]>,
  ];
  'Checkpoints.list': [Filter<Parameters<CheckpointsController['list']>[1]>, Record<never, never>];
  'Checkpoints.create': [
    Given<Parameters<CheckpointsController['create']>[1]>,
    { message: Parameters<Client['createCheckpoint']>[1] },
  ];
  'DeadLetters.list': [
    Filter<Parameters<DeadLettersController['list']>[0]>,
    Given<NonNullable<Parameters<Client['deadLetters']>[0]>>,
  ];
  'Tokens.create': [
    Given<Parameters<TokensController['create']>[0]>,
    Given<Parameters<Client['createToken']>[0]>,
  ];
  'Tokens.list': [Filter<Parameters<TokensController['list']>[0]>, Record<never, never>];
  'Events.follow': [Given<Parameters<EventsController['follow']>[0]>, Given<Parameters<Client['events']>[0]>];
  'TaskOutput.follow': [
    Given<Parameters<TaskOutputController['follow']>[1]>,
    Given<Parameters<Client['output']>[1]>,
  ];
}

/** Each of these is to be empty, or `tsc` says what is in it. */
export type ToBeEmpty = [
  AnswersThatDrifted: None<Drifted<Answers>>,
  RequestsThatDrifted: None<Drifted<Requests>>,
  EndpointsThatNobodyCompares: None<Exclude<Operation, keyof Answers | NotInTheClient | AnswersNoJson>>,
  EndpointsThatAreNoMore: None<
    Exclude<keyof Answers | keyof Requests | NotInTheClient | AnswersNoJson, Operation>
  >,
];

/** What the class of a body wants, and its sender may leave out. */
type Defaulted<Body, Sent> = Record<Exclude<RequiredKey<Body>, RequiredKey<Sent>>, true>;

describe('the contract of HTTP', () => {
  it('is compared for every controller', () => {
    const compared: Record<keyof Controllers, true> = {
      Checkpoints: true,
      Conversation: true,
      Daemons: true,
      DeadLetters: true,
      Events: true,
      PatchContent: true,
      Patches: true,
      TaskOutput: true,
      Tasks: true,
      Tokens: true,
    };
    const controllers = readRoutes().map(({ operationId }) => operationId.split('.')[0]!);
    expect([...new Set(controllers)].sort()).toEqual(Object.keys(compared));
  });

  it.each([
    {
      Body: CreateTaskBody,
      defaulted: { pool: true, isSupervisor: true, autoResume: true } satisfies Defaulted<
        CreateTaskBody,
        TaskToCreate
      >,
    },
    {
      Body: ResumeTaskBody,
      defaulted: { force: true } satisfies Defaulted<ResumeTaskBody, ResumeOptions>,
    },
    {
      Body: CleanupWorktreeBody,
      defaulted: { force: true } satisfies Defaulted<CleanupWorktreeBody, CleanupOptions>,
    },
  ])('lets a sender leave out what $Body.name has a default for', ({ Body, defaulted }) => {
    expect(Object.keys(new Body()).sort()).toEqual(Object.keys(defaulted).sort());
  });
});
