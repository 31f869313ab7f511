import { spawn } from 'node:child_process';

/** Shows a long text as git does: through `$PAGER` (or `less`) on a terminal, directly otherwise. */
export async function page(text: string): Promise<void> {
  const pager = process.env['PATCHPOINT_PAGER'] ?? process.env['PAGER'] ?? 'less';
  if (process.stdout.isTTY !== true || pager === '' || pager === 'cat') {
    process.stdout.write(text);
    return;
  }
  // A pager may be a command line. F: exit if it fits on the screen, R: show colours, X: leave it on the
  // screen.
  const child = spawn(pager, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', ...process.env },
  });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code !== 127));
  });
  child.stdin.on('error', () => undefined); // the person has seen enough
  child.stdin.end(text);
  if (!(await ended)) process.stdout.write(text);
}
