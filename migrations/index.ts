import { DaemonsAndTasks1795370000001 } from './0001-daemons-and-tasks.js';
import { CheckpointsAndPatches1795370000002 } from './0002-checkpoints-and-patches.js';
import { Outbox1795370000003 } from './0003-outbox.js';
import { DeadLetters1795370000004 } from './0004-dead-letters.js';
import { ReleasedTasks1795370000005 } from './0005-released-tasks.js';
import { TaskAttempts1795370000006 } from './0006-task-attempts.js';
import { IdempotencyKeys1795370000007 } from './0007-idempotency-keys.js';
import { DaemonProcesses1795370000008 } from './0008-daemon-processes.js';
import { UnconfirmedCaptures1795370000009 } from './0009-unconfirmed-captures.js';
import { FailingCaptures1795370000010 } from './0010-failing-captures.js';
import { Modes1795370000011 } from './0011-modes.js';
import { Conversations1795370000012 } from './0012-conversations.js';
import { Unattended1795370000013 } from './0013-unattended.js';
import { Forks1795370000014 } from './0014-forks.js';
import { Setup1795370000015 } from './0015-setup.js';
import { ExactHistory1795370000016 } from './0016-exact-history.js';
import { ParkedMessages1795370000017 } from './0017-parked-messages.js';
import { Secrets1795370000018 } from './0018-secrets.js';
import { ApiTokens1795370000019 } from './0019-api-tokens.js';
import { Owners1795370000020 } from './0020-owners.js';

/** The history of the schema, oldest first. A new migration is one file and one line here. */
export const migrations = [
  DaemonsAndTasks1795370000001,
  CheckpointsAndPatches1795370000002,
  Outbox1795370000003,
  DeadLetters1795370000004,
  ReleasedTasks1795370000005,
  TaskAttempts1795370000006,
  IdempotencyKeys1795370000007,
  DaemonProcesses1795370000008,
  UnconfirmedCaptures1795370000009,
  FailingCaptures1795370000010,
  Modes1795370000011,
  Conversations1795370000012,
  Unattended1795370000013,
  Forks1795370000014,
  Setup1795370000015,
  ExactHistory1795370000016,
  ParkedMessages1795370000017,
  Secrets1795370000018,
  ApiTokens1795370000019,
  Owners1795370000020,
];
