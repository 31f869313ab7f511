import { type DynamicModule, Module } from '@nestjs/common';
import type { DatabaseOptions } from './data-source.js';
import { Database, DATABASE_OPTIONS } from './database.js';

/** Provides {@link Database} to the whole app. Its connections close in `onApplicationShutdown`. */
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: DATABASE_OPTIONS, useValue: options }, Database],
      exports: [Database],
    };
  }
}
