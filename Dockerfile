# The gateway and nothing else: no shell is needed at run time, nothing is written, no privilege is used.
#   docker build -t portcullis .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges -p 8080:8080 \
#     -v ./gateway.yaml:/etc/portcullis/gateway.yaml:ro portcullis
# In the file, `listen` must be 0.0.0.0:8080; leave `admin` on loopback, where the health check asks.

FROM node:26-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install scripts: the package `node` would fetch a second runtime, and nothing else has one that is needed.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src/
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json && npm prune --omit=dev --ignore-scripts

FROM node:26-trixie-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/dist dist/
COPY --from=build /app/node_modules node_modules/
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--max-semi-space-size=4", "/app/dist/main.js"]
CMD ["run", "-c", "/etc/portcullis/gateway.yaml"]
