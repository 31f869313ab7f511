# One image for all apps: PATCHPOINT_APP says which one a container runs.
#   docker build -t patchpoint .
#   docker run -e PATCHPOINT_APP=janitor -e DATABASE_URL=… -e NATS_URL=… patchpoint

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY .swcrc nest-cli.json tsconfig.json ./
COPY apps apps
COPY bench bench
COPY examples examples
COPY generators generators
COPY libs libs
COPY migrations migrations
RUN npm run build && find dist -name '*.spec.js*' -delete && rm -rf dist/bench dist/examples dist/generators dist/libs/testing

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The one optional dependency is the embedded Postgres, which a container does not need.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
# The daemon-agent runs git on worktrees, over https or ssh.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node /state
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY docs/openapi.json docs/
COPY scripts/healthcheck.mjs scripts/
USER node
ENV NODE_ENV=production \
    PATCHPOINT_APP=patch-store \
    PATCHPOINT_HTTP_HOST=0.0.0.0 \
    PATCHPOINT_HTTP_PORT=8080 \
    PATCHPOINT_STATE_DIR=/state
VOLUME /state
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s CMD ["node", "scripts/healthcheck.mjs"]
# exec: signals must reach Node, which stops in good order. The flags: libs/embedded/src/apps/node-flags.ts.
CMD ["sh", "-c", "[ $PATCHPOINT_APP = daemon-agent ] && set -- --optimize-for-size --single-threaded-gc; exec node --enable-source-maps \"$@\" \"dist/apps/$PATCHPOINT_APP/src/main.js\""]
