import {
  BlobsMissing,
  CAPTURE_HEALTH_KINDS,
  INTAKE_KINDS,
  IntakeChanged,
  CaptureHealthChanged,
  CheckpointCreated,
  CheckpointFailed,
  CheckpointRejected,
  CheckpointStored,
  ClaimTaskReply,
  ClaimTaskRequest,
  CleanupWorktree,
  ConversationSlice,
  ConversationRefused,
  CreateCheckpoint,
  CreatePatchRequest,
  DaemonHeartbeat,
  CheckpointList,
  GetPatchRequest,
  ListCheckpointsRequest,
  OpenCommandsReply,
  OpenCommandsRequest,
  PatchesDeleted,
  PatchExpired,
  PatchInfo,
  PatchList,
  PatchSlice,
  ReadConversationRequest,
  ReadPatchSliceRequest,
  RestorableCheckpointReply,
  RestorableCheckpointRequest,
  SpawnTask,
  StopTask,
  subjects,
  TASK_EVENT_KINDS,
  TaskEvent,
  TaskOutput,
  TaskPatchesRequest,
  TaskReported,
  UndoWorktree,
  WorktreeRestored,
  WorktreeRestoreFailed,
  type CommandName,
  type EventKind,
  type RpcName,
} from '#contracts';

type MessageClass = new () => object;

/** A subject, and what goes over it. */
export interface Channel {
  readonly name: string;
  readonly address: string;
  /** What the services do; whoever is on the other side does the other. */
  readonly action: 'send' | 'receive';
  /** Absent: plain bytes. */
  readonly message?: MessageClass;
  readonly reply?: MessageClass;
  /** Of an event. */
  readonly kind?: EventKind;
}

const ofKinds = <Kind extends EventKind>(kinds: readonly Kind[], message: MessageClass) =>
  Object.fromEntries(kinds.map((kind) => [kind, message])) as Record<Kind, MessageClass>;

const events: Record<EventKind, MessageClass> = {
  'checkpoint-stored': CheckpointStored,
  'checkpoint-rejected': CheckpointRejected,
  'checkpoint-failed': CheckpointFailed,
  'worktree-restored': WorktreeRestored,
  'worktree-restore-failed': WorktreeRestoreFailed,
  'conversation-refused': ConversationRefused,
  'patch-expired': PatchExpired,
  ...ofKinds(CAPTURE_HEALTH_KINDS, CaptureHealthChanged),
  ...ofKinds(INTAKE_KINDS, IntakeChanged),
  ...ofKinds(TASK_EVENT_KINDS, TaskEvent),
};

const commands: Record<CommandName, MessageClass> = {
  'spawn-task': SpawnTask,
  'create-checkpoint': CreateCheckpoint,
  'stop-task': StopTask,
  'cleanup-worktree': CleanupWorktree,
  'undo-worktree': UndoWorktree,
};

const requests: Record<RpcName, { message: MessageClass; reply: MessageClass }> = {
  'claim-task': { message: ClaimTaskRequest, reply: ClaimTaskReply },
  'open-commands': { message: OpenCommandsRequest, reply: OpenCommandsReply },
  'create-patch': { message: CreatePatchRequest, reply: PatchInfo },
  'get-patch': { message: GetPatchRequest, reply: PatchInfo },
  'latest-patch': { message: TaskPatchesRequest, reply: PatchInfo },
  'list-patches': { message: TaskPatchesRequest, reply: PatchList },
  'delete-patches': { message: TaskPatchesRequest, reply: PatchesDeleted },
  'restorable-checkpoint': { message: RestorableCheckpointRequest, reply: RestorableCheckpointReply },
  'list-checkpoints': { message: ListCheckpointsRequest, reply: CheckpointList },
  'read-conversation': { message: ReadConversationRequest, reply: ConversationSlice },
  'read-patch-slice': { message: ReadPatchSliceRequest, reply: PatchSlice },
};

const daemon = '{daemonId}';
const task = '{taskId}';

/** Every subject that Patchpoint speaks on: first those for everybody, then those between its own parts. */
export const channels: readonly Channel[] = [
  ...entriesOf(events).map(([kind, message]): Channel => ({
    name: `event.${kind}`,
    address: subjects.event(daemon, task, kind),
    action: 'send',
    message,
    kind,
  })),
  { name: 'output', address: subjects.output(daemon, task), action: 'send', message: TaskOutput },
  {
    name: 'checkpoint.created',
    address: subjects.checkpointCreated(daemon, task),
    action: 'receive',
    message: CheckpointCreated,
  },
  {
    name: 'blob',
    address: subjects.blobChunk(daemon, '{sha256}', '{index}' as unknown as number),
    action: 'receive',
  },
  {
    name: 'blobs.missing',
    address: subjects.blobsMissing(daemon, task),
    action: 'send',
    message: BlobsMissing,
  },
  {
    name: 'task.reported',
    address: subjects.taskReported(daemon, task),
    action: 'receive',
    message: TaskReported,
  },
  {
    name: 'heartbeat',
    address: subjects.heartbeat('{pool}', daemon),
    action: 'receive',
    message: DaemonHeartbeat,
  },
  ...entriesOf(commands).map(([name, message]): Channel => ({
    name: `command.daemon.${name}`,
    address: subjects.daemonCommand(daemon, name),
    action: 'send',
    message,
  })),
  {
    name: 'command.pool.spawn-task',
    address: subjects.poolSpawnTask('{pool}'),
    action: 'send',
    message: SpawnTask,
  },
  ...entriesOf(requests).map(([name, { message, reply }]): Channel => ({
    name: `rpc.${name}`,
    address: subjects.rpc(daemon, name),
    action: 'receive',
    message,
    reply,
  })),
];

function entriesOf<K extends string, V>(record: Record<K, V>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
