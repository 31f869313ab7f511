import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Makes sure that a server stops soon after this process is gone, whatever the cause: a shell waits on a pipe
 * whose other end only this process holds. When the kernel closes it (SIGKILL included), the shell sends the
 * signal. The shell ends with the server.
 *
 * It has its own session, so that neither Ctrl-C nor a signal to our process group reaches it first.
 */
export function stopWithParent(server: ChildProcess, signal: NodeJS.Signals): void {
  const watcher = spawn(
    '/bin/sh',
    ['-c', 'read -r line; kill -s "$1" "$2"', 'sh', signal.replace(/^SIG/, ''), String(server.pid)],
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  );
  // Without the watcher the server lacks this safety net, which is no reason to fail.
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  watcher.unref();
  server.once('exit', () => watcher.kill('SIGKILL'));
}
