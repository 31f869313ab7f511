import { EventEmitter, on } from 'node:events';
import type { ModelRequest } from './model-request.js';

/** What a model was asked, and a way to wait for what it will be asked. */
export class RequestLog {
  private readonly requests: ModelRequest[] = [];
  private readonly added = new EventEmitter();

  add(request: ModelRequest): void {
    this.requests.push(request);
    this.added.emit('request', request);
  }

  all(): readonly ModelRequest[] {
    return [...this.requests];
  }

  async waitFor(
    isWanted: (request: ModelRequest) => boolean = () => true,
    timeoutMs = 60_000,
  ): Promise<ModelRequest> {
    const fits = (request: ModelRequest) => !request.isAside && isWanted(request);
    const found = this.requests.find(fits);
    if (found !== undefined) return found;
    try {
      for await (const [request] of on(this.added, 'request', { signal: AbortSignal.timeout(timeoutMs) })) {
        if (fits(request as ModelRequest)) return request as ModelRequest;
      }
    } catch {
      // The time is up.
    }
    const asked = this.requests.map(
      ({ messageCount, finishedSteps }) =>
        `${messageCount} messages, after ${finishedSteps.join(', ') || 'no step'}`,
    );
    throw new Error(`No such request within ${timeoutMs} ms, but: ${asked.join('; ') || 'none'}.`);
  }
}
