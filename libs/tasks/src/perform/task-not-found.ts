import { ContractError } from '#contracts';

export function taskNotFound(taskId: string): ContractError {
  return new ContractError('TASK_NOT_FOUND', `There is no task ${taskId}.`, 'taskId');
}
