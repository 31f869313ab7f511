import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { runQuietly } from './run.mjs';

/**
 * Takes nats-server out of the distribution's package, on Debian, Ubuntu and their kin, and puts it into
 * `folder`. Unlike an installation this needs no root and starts no service. Resolves to what went wrong, or
 * undefined.
 */
export async function fetchWithApt(folder) {
  const { code } = await runQuietly('apt-get', ['--version']);
  if (code !== 0)
    return 'It can be fetched automatically only with apt-get (Debian, Ubuntu) or brew (macOS).';
  return withProgress('Fetching nats-server (apt-get download)', async () => {
    const unpacked = mkdtempSync(join(tmpdir(), 'patchpoint-nats-'));
    try {
      return await downloadAndUnpack(unpacked, folder);
    } finally {
      rmSync(unpacked, { recursive: true, force: true });
    }
  });
}

async function downloadAndUnpack(unpacked, folder) {
  let download = await runQuietly('apt-get', ['download', 'nats-server'], { cwd: unpacked });
  if (download.code !== 0) {
    await updatePackageLists(); // a fresh machine or image has none
    download = await runQuietly('apt-get', ['download', 'nats-server'], { cwd: unpacked });
  }
  const archive = readdirSync(unpacked).find((name) => name.endsWith('.deb'));
  if (download.code !== 0 || archive === undefined) {
    return `apt-get download nats-server failed:\n${download.output.trim()}`;
  }
  const unpacking = await runQuietly('dpkg-deb', ['--extract', join(unpacked, archive), unpacked]);
  if (unpacking.code !== 0) return `dpkg-deb --extract ${archive} failed:\n${unpacking.output.trim()}`;

  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `nats-server.${process.pid}`);
  copyFileSync(join(unpacked, 'usr', 'sbin', 'nats-server'), unfinished);
  renameSync(unfinished, join(folder, 'nats-server'));
  return undefined;
}

async function updatePackageLists() {
  const update = ['apt-get', 'update'];
  // sudo only when it asks no question.
  const [command, ...args] = process.getuid?.() === 0 ? update : ['sudo', '--non-interactive', ...update];
  await runQuietly(command, args); // whether it helped shows in the download that follows
}
