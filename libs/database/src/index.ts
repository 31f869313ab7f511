export { createDataSource, type DatabaseOptions } from './data-source.js';
export * from './database-error.js';
export { DatabaseModule } from './database.module.js';
export { Database } from './database.js';
export * from './entities/index.js';
export { migrate } from './migrate.js';
export * from './statements/index.js';
