import { Controller } from '@nestjs/common';
import { decode, OpenCommandsReply, OpenCommandsRequest, requireIdentity } from '#contracts';
import { Database } from '#database';
import { RetryLater, Rpc, Topology, type ReceivedMessage } from '#messaging';
import { DaemonRegistry } from '#tasks';

/** How long after its heartbeat a daemon is sure to be known. */
const KNOWN_AFTER_MILLISECONDS = 1_000;

/** Makes what a daemon pulls its commands from, where it may not do that itself. */
@Controller()
export class OpenCommandsRpc {
  constructor(
    private readonly database: Database,
    private readonly daemons: DaemonRegistry,
    private readonly topology: Topology,
  ) {}

  /** The pool is the one that the daemon is known in, whatever it would like. May be called again. */
  @Rpc('open-commands')
  async open(request: ReceivedMessage): Promise<OpenCommandsReply> {
    const asked = decode(OpenCommandsRequest, request.data);
    requireIdentity(request.subject, asked);
    const { daemonId } = asked;
    const daemon = await this.daemons.find(this.database.manager, daemonId);
    if (daemon === undefined) {
      throw new RetryLater(KNOWN_AFTER_MILLISECONDS, `No heartbeat of daemon "${daemonId}" was heard yet.`);
    }
    const { pool } = daemon;
    await this.topology.ensureCommandConsumers({ daemonId, pool });
    return { pool };
  }
}
