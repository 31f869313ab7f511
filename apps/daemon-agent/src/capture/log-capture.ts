import type { Logger } from '@nestjs/common';
import type { Capture } from '#git';
import type { TaskRecord } from '../state/task-record.js';

/** Says what was captured; as a warning, if it cannot be restored. */
export function logCapture(
  logger: Logger,
  record: TaskRecord,
  capture: Extract<Capture, { outcome: 'captured' }>,
): void {
  const details = {
    taskId: record.spawn.taskId,
    attempt: record.spawn.attempt,
    treeSha: capture.treeSha,
    patchSizeBytes: capture.patch?.sizeBytes ?? null,
    bundleSizeBytes: capture.bundle?.sizeBytes ?? null,
    omissions: capture.omissionsCount,
  };
  if (capture.patchAbsentReason === 'too-large' && capture.bundle === null) {
    logger.warn({
      msg: 'the patch is over the limit: this checkpoint cannot be restored; raise PATCHPOINT_MAX_PATCH_SIZE_BYTES or ignore the large files',
      ...details,
    });
  } else logger.log({ msg: 'captured', ...details });
}
