import { Controller } from '@nestjs/common';
import { ClaimTaskReply, ClaimTaskRequest, ContractError, decode, requireIdentity } from '#contracts';
import { Rpc, type ReceivedMessage } from '#messaging';
import { DaemonRegistry, TaskSteps } from '#tasks';
import { claimsRefused } from '../metrics.js';

/** The fence for at-least-once delivery of SpawnTask: one daemon runs an attempt. */
@Controller()
export class ClaimsRpc {
  constructor(
    private readonly steps: TaskSteps,
    private readonly daemons: DaemonRegistry,
  ) {}

  /** May be called twice: a daemon that has the claim is granted it again. */
  @Rpc('claim-task')
  async claim(request: ReceivedMessage): Promise<ClaimTaskReply> {
    const claim = decode(ClaimTaskRequest, request.data);
    requireIdentity(request.subject, claim);
    const { taskId, attempt, daemonId } = claim;
    try {
      await this.steps.take(taskId, async (_, manager) => {
        const daemon = await this.daemons.find(manager, daemonId);
        return { input: { type: 'claimed', daemonId, attempt, daemonPool: daemon?.pool ?? null } };
      });
    } catch (error) {
      if (error instanceof ContractError) claimsRefused.inc({ code: error.code });
      throw error;
    }
    return { taskId, attempt };
  }
}
