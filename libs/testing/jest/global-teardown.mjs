/** Stops the Postgres of `global-setup.mjs`; its data folder goes with it. */
export default async function globalTeardown() {
  await globalThis.patchpointTestPostgres?.stop();
}
