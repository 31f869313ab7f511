import type { CapturedState } from './captured-state.js';
import type { BundleMode } from './decide-bundle.js';
import type { Bundle } from './make-bundle.js';
import type { Patch } from './make-patch.js';
import type { CapturedSecret, SecretSettings } from '../secrets/secret-review.js';
import type { CaptureProgress } from '../staging/progress-meter.js';
import type { Modes } from '../values/modes.js';
import type { Omission } from '../values/omission.js';

export interface CaptureRequest {
  worktreeDir: string;
  /** Of a worktree that Patchpoint made, as it was made: nothing in the worktree can redirect the capture. */
  gitDir?: string;
  /** Made on first use and kept between captures; outside of every worktree. */
  shadowDir: string;
  /** Where the shadow keeps the captured tree, such as `refs/patchpoint/<taskId>/<sequence>`. */
  anchorRef: string;
  /** Of the source, such as `main`; by default the one its remote's HEAD names. */
  baseBranch?: string;
  /** By default `origin`. */
  remoteName?: string;
  /** Ceiling for the compressed patch, and for the bundle. */
  maxPatchBytes: number;
  /** False where patches are switched off, and with them bundles. */
  makePatch: boolean;
  /** By default `auto`. */
  bundle?: BundleMode;
  /** The last capture; the same state again is `unchanged`. */
  previous?: CapturedState;
  /** A larger untracked file is left out and reported. */
  untrackedFileLimitBytes?: number;
  /** Where all untracked files are more than this, the largest are left out and reported. */
  untrackedTotalLimitBytes?: number;
  /** Where secrets are looked for, and what becomes of them. By default nothing is looked for. */
  secrets?: SecretSettings;
  /** Ignore rules for every worktree, beside those of the repository and its `.patchpointignore`. */
  excludeFile?: string;
  /**
   * Told how far the capture has come, for each file. It begins from nothing again where the patch is too
   * large and fewer files are tried.
   */
  onProgress?: (progress: CaptureProgress) => void;
  signal?: AbortSignal;
}

export type PatchAbsentReason = 'too-large' | 'disabled';

export type Capture =
  | ({ outcome: 'unchanged' } & CapturedState)
  | {
      outcome: 'captured';
      /** Identity of the captured state; what a restore must arrive at. */
      treeSha: string;
      /** Permissions beside the tree. Null: all is as a checkout makes it. */
      modes: Modes | null;
      headSha: string | null;
      branchName: string | null;
      /** A commit, or the id of the empty tree. */
      baseSha: string;
      baseReachable: boolean;
      /** The state is the base's own; the patch is then a gzip of nothing. */
      clean: boolean;
      patch: Patch | null;
      patchAbsentReason: PatchAbsentReason | null;
      /**
       * Null when it is not due (`BundleMode`), over the ceiling, or cannot be made in a clone that lacks
       * history.
       */
      bundle: Bundle | null;
      /** Against the base. */
      filesChanged: number;
      linesAdded: number;
      linesRemoved: number;
      /** The first hundred; `omissionsCount` counts them all. */
      omissions: Omission[];
      omissionsCount: number;
      /** What it holds that looks like a secret, or that was not searched. */
      secrets: CapturedSecret[];
    };

/** What is captured, for whoever asks only which files that would be. */
export type SelectionRequest = Pick<
  CaptureRequest,
  | 'baseBranch'
  | 'excludeFile'
  | 'makePatch'
  | 'maxPatchBytes'
  | 'remoteName'
  | 'secrets'
  | 'shadowDir'
  | 'untrackedFileLimitBytes'
  | 'untrackedTotalLimitBytes'
>;
