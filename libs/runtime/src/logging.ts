import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';

/** Probes and scrapes come every few seconds and are not worth a log line. */
const QUIET_PATHS = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * JSON lines on stdout, through pino. Log an object with `taskId`, `eventId`, `daemonId` where they are
 * known; credentials in headers are never written.
 */
export function loggingModule(options: { app: string; level: string; daemonId?: string }): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      level: options.level,
      base: { app: options.app, pid: process.pid, daemonId: options.daemonId },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      redact: ['req.headers.authorization', 'req.headers.cookie'],
      autoLogging: { ignore: (request) => QUIET_PATHS.has(request.url ?? '') },
      customLogLevel: (_request, response, error) => {
        if (error || response.statusCode >= 500) return 'error';
        return response.statusCode >= 400 ? 'warn' : 'debug';
      },
    },
  });
}
