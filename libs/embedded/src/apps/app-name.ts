/** The apps of Patchpoint. */
export const appNames = ['checkpoint-ingest', 'patch-store', 'janitor', 'daemon-agent'] as const;

export type AppName = (typeof appNames)[number];
