import type { SpawnTask } from '#contracts';
import { LineBatcher } from '../report/line-batcher.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import { startAgentProcess, type AgentProcess, type ProcessOptions } from './agent-process.js';

/** Hears what a program prints, in pieces of whole lines. */
export type OnText = (stream: 'stdout' | 'stderr', text: string) => void;

/**
 * Starts a program of a task; what it prints becomes the task's output.
 *
 * @throws Error when the program cannot be started
 */
export async function startWithOutput(
  spawn: SpawnTask,
  options: Omit<ProcessOptions, 'onOutput'>,
  output: Pick<TaskOutputPublisher, 'publish'>,
  onText: OnText,
): Promise<AgentProcess> {
  const batcherOf = (stream: 'stdout' | 'stderr') =>
    new LineBatcher((text) => {
      onText(stream, text);
      output.publish(spawn, stream, text);
    });
  const batchers = { stdout: batcherOf('stdout'), stderr: batcherOf('stderr') };
  const process = await startAgentProcess({
    ...options,
    onOutput: (stream, chunk) => batchers[stream].push(chunk),
  });
  void process.ended.then(() => Object.values(batchers).forEach((batcher) => batcher.end()));
  return process;
}
