import type { AppName } from './app-name.js';

/**
 * How Node is started for an app; keep the Dockerfile in sync.
 *
 * The agent shares its machine with the work. When told to save memory, V8 frees the pieces of a stream and
 * what loading has left sooner: a first capture of 100,000 files with a patch of 10 MB has 125 MB resident
 * instead of 139 to 155 (with 2 MB for young objects). It then collects garbage twice as often, a megabyte
 * each time, and an idle capture of 30,000 files takes 150 ms of processor time instead of 142. Without
 * helping threads the collections stop it for a third of the time on two busy cores.
 */
export function nodeFlags(app: AppName): string[] {
  const forAll = ['--enable-source-maps'];
  return app === 'daemon-agent' ? [...forAll, '--optimize-for-size', '--single-threaded-gc'] : forAll;
}
