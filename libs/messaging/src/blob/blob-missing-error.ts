/**
 * Chunks of a blob are not there: not yet, or no longer. They may come (again): the agent sends what is not
 * confirmed.
 */
export class BlobMissingError extends Error {
  override readonly name = 'BlobMissingError';

  constructor(
    readonly daemonId: string,
    readonly sha256: string,
    readonly chunkIndex: number,
    chunkCount: number,
  ) {
    super(
      `Chunk ${chunkIndex} (of 0 to ${chunkCount - 1}) of blob ${sha256} of daemon "${daemonId}" is not in the BLOBS stream. The daemon sends it again.`,
    );
  }
}
