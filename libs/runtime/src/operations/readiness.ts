import { Injectable } from '@nestjs/common';

/**
 * Resolves when the thing can do its work; rejects with what is wrong. Called on every probe, so it is cheap.
 */
export type ReadinessCheck = () => Promise<void>;

/**
 * What must be well before this process takes work. Each part of an app adds its own check while it is set
 * up.
 */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();

  /** A second check of the same name replaces the first. */
  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  all(): ReadonlyMap<string, ReadinessCheck> {
    return this.checks;
  }
}
