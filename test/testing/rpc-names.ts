import type { RpcName } from '#contracts';

/** Every question that a daemon may ask. */
const NAMES: Record<RpcName, true> = {
  'claim-task': true,
  'open-commands': true,
  'create-patch': true,
  'get-patch': true,
  'latest-patch': true,
  'list-patches': true,
  'delete-patches': true,
  'read-patch-slice': true,
  'read-conversation': true,
  'list-checkpoints': true,
  'restorable-checkpoint': true,
};

export const RPCS = Object.keys(NAMES) as RpcName[];
