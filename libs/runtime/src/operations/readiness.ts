import { Injectable } from '@nestjs/common';

/**
 * Resolves if the part can do its work; rejects with what is wrong. Called on every probe, so it must be
 * cheap.
 */
export type ReadinessCheck = () => Promise<void>;

/** What is wrong although work goes on; undefined: nothing. Called on every probe. */
export type ReadinessWarning = () => string | undefined;

/** What must work before this process accepts work. Each part of an app adds its own check during setup. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly warnings = new Map<string, ReadinessWarning>();

  /** A second check of the same name replaces the first. */
  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** What makes this process degraded: it stays ready, and says why. */
  addWarning(name: string, warning: ReadinessWarning): void {
    this.warnings.set(name, warning);
  }

  /** The warnings that hold now, by name. */
  currentWarnings(): Record<string, string> {
    const named = [...this.warnings].map(([name, warning]) => [name, warning()] as const);
    return Object.fromEntries(named.filter((each): each is [string, string] => each[1] !== undefined));
  }

  all(): ReadonlyMap<string, ReadinessCheck> {
    return this.checks;
  }
}
