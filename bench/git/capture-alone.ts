/**
 * A process that loads what the agent loads and captures one worktree; started by `measure-memory.ts`, to
 * which it reports. Arguments: the worktree, its shadow, the base branch.
 */
import { readFileSync } from 'node:fs';
import { captureWorktree } from '#git';
import { AgentModule } from '../../apps/daemon-agent/src/agent.module.js';
import type { CaptureMemory } from './measure-memory.js';

const [worktreeDir, shadowDir, baseBranch] = process.argv.slice(2) as [string, string, string];
if (typeof AgentModule !== 'function') throw new Error('The agent was not loaded.');
const loadedBytes = process.memoryUsage.rss();
const capture = await captureWorktree({
  worktreeDir,
  shadowDir,
  baseBranch,
  anchorRef: 'refs/patchpoint/bench/memory',
  maxPatchBytes: 10 * 1024 * 1024,
  makePatch: true,
});
if (capture.outcome !== 'captured' || capture.patch === null) throw new Error('The capture has no patch.');
const memory: CaptureMemory = {
  loadedBytes,
  peakBytes: peakRssBytes(),
  patchBytes: capture.patch.sizeBytes,
  uncompressedPatchBytes: capture.patch.uncompressedSizeBytes,
};
process.send!(memory);
process.disconnect();

/**
 * Linux counts `maxRSS` from before the program was loaded, and so starts with that of the parent process;
 * `VmHWM` is that of this program alone.
 */
function peakRssBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
