import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { Client } from 'pg';
import { loseMachine } from '#embedded';
import { temporaryFolder } from '#testing';
import { sourceRepository } from '../testing/source-repository.js';
import { plan, treeOf, useWork } from '../testing/use-work.js';

describe('work that is encrypted in Postgres', () => {
  const cwd = temporaryFolder();
  // As docs/security.md has it.
  execaSync('sh', ['-c', '(umask 077 && echo "2026-01 $(openssl rand -base64 32)" > keys)'], { cwd });
  const keys = { PATCHPOINT_ENCRYPTION_KEY_FILE: join(cwd, 'keys') };
  const { test, work } = useWork({ 'checkpoint-ingest': keys, 'patch-store': keys, janitor: keys });

  it.each(['always', 'never'])(
    'is restored exactly on another machine, with bundles %s, and is nowhere readable in the database',
    async (bundles) => {
      const daemonId = `doomed-${bundles}`;
      await test.stack.startAgent(daemonId, { PATCHPOINT_BUNDLES: bundles });
      // More than a message may carry: the patch is stored from chunks, and read in slices.
      const { taskId, feed, checkpoint } = await work({
        repoUrl: sourceRepository().url,
        daemonId,
        plan: plan('echo small > small.txt; head -c 700000 /dev/urandom > image.bin'),
      });
      const db = new Client({ connectionString: test.stack.postgres.url });
      await db.connect();
      try {
        const { rows } = await db.query(
          `SELECT sha256(patch_data) = sha256 AS "isPlain", seal IS NULL AS "isOpen"
             FROM checkpoint_patches WHERE task_id = $1`,
          [taskId],
        );
        expect(rows.length).toBeGreaterThan(0);
        for (const row of rows) expect(row).toEqual({ isPlain: false, isOpen: false });
      } finally {
        await db.end();
      }
      await loseMachine(test.stack, daemonId, taskId);
      await test.patchStore.resumeTask(taskId, { daemonId: 'daemon-2', force: true });
      const restored = await feed.untilRestored();
      expect(restored.treeSha).toBe(checkpoint.treeSha);
      expect(await treeOf(restored.worktreePath)).toBe(checkpoint.treeSha);
    },
  );
});
