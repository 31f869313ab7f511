import type {
  CleanupWorktreeBody,
  CreateTaskBody,
  ForkTaskBody,
  ListDeadLettersQuery,
  ListTasksQuery,
  PageQuery,
  ResumeTaskBody,
  UndoBody,
} from '#contracts';

/** A body as sent: fields for which patch-store has a default may be left out. */
type Sent<Body, Defaulted extends keyof Body> = Omit<Body, Defaulted> & Partial<Pick<Body, Defaulted>>;

/** A query without its pages, which the client handles. */
type Filter<Query extends PageQuery> = Omit<Query, keyof PageQuery | 'cursor'>;

export type TaskToCreate = Sent<CreateTaskBody, 'pool' | 'isSupervisor' | 'autoResume'>;
export type ResumeOptions = Sent<ResumeTaskBody, 'force'>;
export type ForkOptions = ForkTaskBody;
export type UndoOptions = UndoBody;
export type CleanupOptions = Sent<CleanupWorktreeBody, 'force'>;
export type TaskFilter = Filter<ListTasksQuery>;
export type DeadLetterFilter = Filter<ListDeadLettersQuery>;
