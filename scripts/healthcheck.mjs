/** For container health checks: exit code 0 when the app in this container answers that it is alive. */
const { PATCHPOINT_HTTP_PORT: port } = process.env;
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4000) });
process.exitCode = answer.ok ? 0 : 1;
