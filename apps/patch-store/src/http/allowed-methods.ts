import type { Express } from 'express';

/** The part of Express's router that lists its routes; it is not in its types. */
interface RouteLayer {
  match(path: string): unknown;
  route?: { methods: Record<string, boolean> };
}

/** The methods that a path supports, such as `GET, POST`; empty if there is no such path. */
export function allowedMethods(express: Express, path: string): string {
  const layers = express.router.stack as unknown as RouteLayer[];
  const methods = layers
    // The logger's middleware is a route for every path and every method.
    .filter((layer) => layer.route && !layer.route.methods['trace'] && layer.match(path))
    .flatMap(({ route }) => Object.keys(route!.methods));
  return [...new Set(methods)]
    .map((method) => method.toUpperCase())
    .sort()
    .join(', ');
}
