# The gateway and nothing else: no shell is needed at run time, no privilege is used, only /var/lib/portcullis is written.
#   docker build -t portcullis .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges -p 8080:8080 \
#     -v ./gateway.yaml:/etc/portcullis/gateway.yaml:ro portcullis
# In the file, `listen` must be 0.0.0.0:8080. deploy/image/release.sh builds it for both architectures, on a base whose
# digest it looked up: BASE_DIGEST=sha256:…
ARG BASE=docker.io/library/node:26-trixie-slim
ARG BASE_DIGEST

FROM ${BASE}${BASE_DIGEST:+@$BASE_DIGEST} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install scripts: the package `node` would fetch a second runtime, and nothing else has one that is needed.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src/
COPY scripts/bundle scripts/bundle/
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json && node scripts/bundle/bundle.mjs && npm prune --omit=dev --ignore-scripts
# What the last stage copies with its owner and its links, since it runs nothing.
RUN mkdir -p /rootfs/usr/local/bin /rootfs/var/lib/portcullis && chmod 0700 /rootfs/var/lib/portcullis && \
  ln -s /app/bin/portcullis.mjs /rootfs/usr/local/bin/portcullis

FROM ${BASE}${BASE_DIGEST:+@$BASE_DIGEST}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Portcullis" \
  org.opencontainers.image.description="An auth gateway in front of MCP servers that stay as they are" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION" \
  org.opencontainers.image.created="$CREATED"
ENV NODE_ENV=production
WORKDIR /app
COPY LICENSE package.json ./
COPY bin bin/
COPY --from=build /app/dist dist/
COPY --from=build /app/node_modules node_modules/
COPY --from=build /rootfs/usr/ /usr/
COPY --from=build --chown=65532:65532 /rootfs/var/lib/portcullis/ /var/lib/portcullis/
USER 65532:65532
VOLUME /var/lib/portcullis
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["portcullis", "healthcheck", "-c", "/etc/portcullis/gateway.yaml"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["portcullis"]
CMD ["run", "-c", "/etc/portcullis/gateway.yaml"]
