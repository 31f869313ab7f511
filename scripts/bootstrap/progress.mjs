/**
 * Says what is being done, and how long it took when it is over. On standard error: results go to standard
 * output.
 */
export async function withProgress(what, work) {
  const started = performance.now();
  console.error(`${what} …`);
  const result = await work();
  console.error(`${what}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
