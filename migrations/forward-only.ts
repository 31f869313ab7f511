import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A migration that goes one way: SQL that is run inside the transaction of `migrate`, all pending ones
 * together.
 *
 * What was released is never edited: a mistake is mended by a later migration. The name ends in the time of
 * its writing in milliseconds, by which TypeORM sorts.
 */
export abstract class ForwardOnlyMigration implements MigrationInterface {
  abstract readonly name: string;
  protected abstract readonly sql: string;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(this.sql);
  }

  down(): Promise<void> {
    return Promise.reject(
      new Error(`${this.name} cannot be undone. Restore a backup, or write a migration that goes forward.`),
    );
  }
}
