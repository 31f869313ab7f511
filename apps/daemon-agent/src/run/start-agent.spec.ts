import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { aSpawn, OfflineAgent } from '../../testing/offline-agent.js';

it('tells a program that believes PWD more than its working directory where it works', async () => {
  const file = join(temporaryFolder(), 'runners.json');
  writeFileSync(file, JSON.stringify({ believing: { start: ['printenv', 'PWD'], stdin: 'nothing' } }));
  const environment = { PATCHPOINT_RUNNERS_FILE: file, PWD: '/of/the/daemon' };
  const daemon = await OfflineAgent.open({ environment });
  try {
    await daemon.agent.runs.start(aSpawn({ runner: 'believing' }));
    const { worktreePath } = await daemon.untilReported('started');
    await daemon.untilReported('completed');
    expect(daemon.said.join('\n')).toContain(worktreePath);
    expect(daemon.said.join('\n')).not.toContain('/of/the/daemon');
  } finally {
    await daemon.close();
  }
});
