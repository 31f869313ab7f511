/** The result of one check. */
export interface Finding {
  what: string;
  /** `skipped`: its address is unknown on this machine, or its program is not installed. */
  status: 'ok' | 'warning' | 'problem' | 'skipped';
  found: string;
  /** What to do; null: nothing. */
  fix: string | null;
}

export const ok = (what: string, found: string): Finding => ({ what, status: 'ok', found, fix: null });
export const warning = (what: string, found: string, fix: string): Finding => ({
  what,
  status: 'warning',
  found,
  fix,
});
export const problem = (what: string, found: string, fix: string): Finding => ({
  what,
  status: 'problem',
  found,
  fix,
});
export const skipped = (what: string, found: string, fix: string): Finding => ({
  what,
  status: 'skipped',
  found,
  fix,
});
