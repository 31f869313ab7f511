import { encode, type CheckpointCreated } from '#contracts';

/** Bytes of a message of about that size, which `decode` refuses or has much to drop of. */
export type Hostile = (sizeBytes: number) => Uint8Array;

/** A checkpoint with a patch of so many bytes inline, as daemons send it. */
export function checkpoint(patchSizeBytes: number): Partial<CheckpointCreated> {
  return {
    schemaVersion: 1,
    eventId: '01890a5d-ac96-774b-bcce-b302099a8057',
    daemonId: 'daemon-1',
    taskId: '01890a5d-ac96-774b-bcce-b302099a8058',
    attempt: 1,
    sequence: 1,
    kind: 'heartbeat',
    success: true,
    capturedAt: '2026-01-23T01:02:03.000Z',
    message: '[WIP] Heartbeat checkpoint',
    treeSha: 'a'.repeat(40),
    omissions: [{ path: 'core.img', reason: 'untracked-too-large' }],
    omissionsCount: 1,
    patchData: Buffer.alloc(patchSizeBytes, 7).toString('base64'),
    patchFormat: 'git-diff',
    patchBaseSha: 'b'.repeat(40),
    patchSha256: 'c'.repeat(64),
    patchSizeBytes,
    patchUncompressedSizeBytes: 5 * patchSizeBytes,
    patchFilesCount: 3,
    patchTtlHours: 168,
  };
}

/** A checkpoint with one field more, whose value is repeated until the message has its size. */
function padded(opening: string, piece: (index: number) => string, closing: string): Hostile {
  return (sizeBytes) => {
    const base = Buffer.from(encode(checkpoint(600)))
      .toString()
      .slice(0, -1);
    const pieces: string[] = [];
    let leftBytes = sizeBytes - base.length;
    for (let index = 0; leftBytes > 0; index++) {
      pieces.push(piece(index));
      leftBytes -= pieces[index]!.length;
    }
    return Buffer.from(`${base},${opening}${pieces.join('')}${closing}}`);
  };
}

/** By what is in them. */
export const hostileMessages: Record<string, Hostile> = {
  nesting: padded('"more":', () => '[', ''),
  'unknown keys': padded('', (index) => `"k${index}":1,`, '"last":1'),
  'one long text': padded('"branchName":"', () => 'x'.repeat(64), '"'),
  'one text of escapes': padded('"branchName":"', () => '\\u00e9', '"'),
  'short texts': padded('"more":[', () => '"",', '""]'),
  omissions: (sizeBytes) => {
    const count = Math.ceil(sizeBytes / 26);
    const omissions = Array.from({ length: count }, () => ({ path: 'a', reason: 'b' }));
    return encode({ ...checkpoint(600), omissions });
  },
};
