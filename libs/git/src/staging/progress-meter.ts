/** How far a capture has come. */
export interface CaptureProgress {
  /** Changed and untracked files that were looked at. */
  filesSeen: number;
  /** Of them, those whose contents must be read; null until that is known. */
  filesToHash: number | null;
  filesHashed: number;
  /** The sizes of the files that were hashed, added up. */
  bytesHashed: number;
}

/**
 * Adds up how far one look at a worktree has come, and reports it at every step: whoever shows it chooses
 * how often.
 */
export class ProgressMeter {
  private progress: CaptureProgress = { filesSeen: 0, filesToHash: null, filesHashed: 0, bytesHashed: 0 };
  /** Sizes of what is not hashed yet, by paths in latin1. */
  private missing = new Map<string, number>();

  constructor(private readonly report: (progress: CaptureProgress) => void) {
    this.report(this.progress);
  }

  saw(filesCount: number): void {
    this.note({ filesSeen: this.progress.filesSeen + filesCount });
  }

  willHash(files: ReadonlyMap<string, number>): void {
    this.missing = new Map(files);
    this.note({ filesToHash: files.size });
  }

  /** A path that is hashed again, because git refused another one of its batch, counts once. */
  hashed(path: Buffer): void {
    const sizeBytes = this.missing.get(path.toString('latin1'));
    if (sizeBytes === undefined) return;
    this.missing.delete(path.toString('latin1'));
    const { filesHashed, bytesHashed } = this.progress;
    this.note({ filesHashed: filesHashed + 1, bytesHashed: bytesHashed + sizeBytes });
  }

  private note(fields: Partial<CaptureProgress>): void {
    this.progress = { ...this.progress, ...fields };
    this.report(this.progress);
  }
}
