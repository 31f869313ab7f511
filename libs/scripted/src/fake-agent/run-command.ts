import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Standard output and error as they came, and the exit code if it is not 0. */
  readonly output: string;
  readonly isError: boolean;
}

/** Runs a tool call of the model. It ends when everything that it started has closed its output. */
export function runCommand(command: string, cwd: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', (error) => resolve({ output: error.message, isError: true }));
    child.once('close', (code, signal) => {
      const isError = code !== 0;
      resolve({ output: isError ? `${output}\nExit code ${code ?? signal}` : output, isError });
    });
  });
}
