# Three images from one file: `production` (the default), `demo` (the sandbox too), and `build`, which both come from.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Nothing that runs in an image needs an install script; without them nothing is fetched from outside the registry.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY prisma prisma
# The client is generated without Prisma's schema engine: any program that exists will do (docs/decisions/0003).
RUN PRISMA_SCHEMA_ENGINE_BINARY=/usr/local/bin/node node node_modules/prisma/build/index.js generate \
    --config prisma/prisma.config.ts --no-hints
COPY src src
COPY migrations migrations
COPY views views

# What only the sandbox needs does not reach the production image: not its code, not its packages.
FROM build AS production-source
RUN rm -rf src/sandbox

FROM node:24-bookworm-slim AS production-packages
WORKDIR /app
COPY package.json package-lock.json ./
# Prisma's command line and TypeScript are optional peers of the client, so leaving out `dev` alone would keep them.
RUN npm ci --omit=dev --omit=optional --omit=peer --ignore-scripts --no-audit --no-fund

# Everything, and the sandbox. For trying Latchkey out, never for real accounts.
FROM node:24-bookworm-slim AS demo
WORKDIR /app
COPY --from=build /app ./
RUN install -d -o node -g node /data
USER node
EXPOSE 3000 4000
ENTRYPOINT ["node", "src/main.ts"]
CMD ["sandbox", "--host", "0.0.0.0", "--port", "4000"]

FROM node:24-bookworm-slim AS production
ENV NODE_ENV=production
# The sizes are those of `npm start`: see docs/decisions/0014-a-small-heap.md.
ENV NODE_OPTIONS="--max-semi-space-size=8 --max-old-space-size=512"
WORKDIR /app
COPY --from=production-packages /app/package.json ./
COPY --from=production-packages /app/node_modules node_modules
COPY --from=production-source /app/src src
COPY --from=production-source /app/migrations migrations
COPY --from=production-source /app/views views
COPY LICENSE ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
