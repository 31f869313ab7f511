import { Controller, Get, HttpCode } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorFunction,
} from '@nestjs/terminus';
import { Readiness } from './readiness.js';

/** A probe that takes longer than this has failed; Kubernetes gives up after one second by default. */
const CHECK_TIMEOUT_MILLISECONDS = 900;

/** Of an app that works, with what is wrong, by name. */
type DegradedResult = Omit<HealthCheckResult, 'status'> & {
  status: 'degraded';
  degraded: Record<string, string>;
};

@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
  ) {}

  /**
   * The event loop responds. Nothing else is checked: restarting this process would not repair a lost
   * database.
   */
  @Get('healthz')
  @HttpCode(200)
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * 200 when every part can do its work, else 503 with the parts that cannot. `degraded`, still with 200: it
   * works, and something is wrong that restarting or avoiding it would not mend.
   */
  @Get('readyz')
  async ready(): Promise<HealthCheckResult | DegradedResult> {
    const checks = [...this.readiness.all()].map(([name, check]): HealthIndicatorFunction => async () => {
      const session = this.indicators.check(name);
      try {
        await within(CHECK_TIMEOUT_MILLISECONDS, check());
        return session.up();
      } catch (error) {
        return session.down({ message: (error as Error).message });
      }
    });
    const result = await this.health.check(checks);
    const degraded = this.readiness.currentWarnings();
    return Object.keys(degraded).length === 0 ? result : { ...result, status: 'degraded', degraded };
  }
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
