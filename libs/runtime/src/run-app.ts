import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { INestApplication, Type, DynamicModule } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import type { AppConfig } from './app-environment.js';
import { ConfigurationError } from './configuration-error.js';

/** `EX_CONFIG` of sysexits.h: restarting without changing the environment gives the same result. */
const EXIT_CONFIGURATION = 78;

export interface AppDefinition<Config extends AppConfig> {
  readConfig: () => Config;
  module: (config: Config) => Type | DynamicModule | Promise<DynamicModule>;
  /** Connects transports, filters and the like, before anything listens. */
  configure?: (app: INestApplication, config: Config) => void | Promise<void>;
}

/**
 * Runs an app for the life of its process.
 *
 * Start: environment, wiring, transports, HTTP; then the parent, if there is one, gets `{ type: 'listening',
 * url }`. Stop, on SIGTERM, SIGINT or when the parent exits: Nest's hooks in order (`onModuleDestroy`: intake
 * stops; `beforeApplicationShutdown`: work in flight settles; transports close; `onApplicationShutdown`:
 * connections close), then exit code 0. A second signal changes nothing; a stop that takes longer than
 * `stopGraceSeconds` ends with exit code 1. An invalid environment ends with exit code 78 and one line per
 * variable.
 */
export async function runApp<Config extends AppConfig>(definition: AppDefinition<Config>): Promise<void> {
  try {
    const config = definition.readConfig();
    const app = await NestFactory.create(await definition.module(config), {
      bufferLogs: true,
      abortOnError: false,
    });
    app.useLogger(app.get(Logger));
    stopOnSignal(app, config.stopGraceSeconds);
    await definition.configure?.(app, config);
    await app.startAllMicroservices();
    await app.listen(config.http.port, config.http.host);
    const url = await app.getUrl();
    app.get(Logger).log({ msg: 'listening', url });
    process.send?.({ type: 'listening', url });
  } catch (error) {
    if (error instanceof ConfigurationError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(EXIT_CONFIGURATION);
    }
    process.stderr.write(`The app could not start: ${(error as Error).stack ?? String(error)}\n`);
    process.exit(1);
  }
}

function stopOnSignal(app: INestApplication, graceSeconds: number): void {
  const logger = app.get(Logger);
  let stopping = false;
  const stop = async (reason: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.log({ msg: 'stopping', reason });
    setTimeout(() => {
      logger.error({ msg: 'not stopped within the grace period; exiting', graceSeconds });
      process.exit(1);
    }, graceSeconds * 1000).unref();
    await app.close();
    process.exit(0);
  };
  const stopFor = (reason: string) => () => {
    stop(reason).catch((error: unknown) => {
      logger.error({ msg: 'stopping failed', err: error });
      process.exit(1);
    });
  };
  process.on('SIGTERM', stopFor('SIGTERM'));
  process.on('SIGINT', stopFor('SIGINT'));
  process.on('disconnect', stopFor('the parent process exited'));
}
