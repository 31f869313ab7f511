import { Injectable } from '@nestjs/common';

/**
 * Resolves if the part can do its work; rejects with what is wrong. Called on every probe, so it must be
 * cheap.
 */
export type ReadinessCheck = () => Promise<void>;

/** What must work before this process accepts work. Each part of an app adds its own check during setup. */
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
