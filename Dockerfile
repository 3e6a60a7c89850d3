# The three binaries of the Enrich Gateway on Debian slim, as a user that is not
# root. Any builder that knows RUN --mount: BuildKit or buildah.
#
#   docker build -t enrich-gateway .
#   docker run --rm -v ./gateway.yaml:/etc/enrich-gateway/config.yaml:ro \
#     -v enrich-gateway:/var/lib/enrich-gateway -p 8080:8080 enrich-gateway
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${DEBIAN_IMAGE} AS build
# Before the sources, so that a change of these installs nothing again.
COPY deploy/install-deps.sh /src/deploy/
RUN /src/deploy/install-deps.sh && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY proto proto
COPY src src
COPY deploy/runtime-packages.sh deploy/
COPY deploy/providers deploy/providers
# Compilers at once; fewer where memory is short (about 1 GB each).
ARG JOBS=
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release \
    && cmake --build --preset release ${JOBS:+--parallel ${JOBS}} \
    && cmake --install build/release --prefix /out/usr/local --strip \
    && deploy/runtime-packages.sh /out/usr/local/bin/* > /out/packages \
    && cp -r deploy/providers /out/providers

FROM ${DEBIAN_IMAGE}
COPY --from=build /out/packages /usr/local/share/enrich-gateway/packages
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
       ca-certificates $(cat /usr/local/share/enrich-gateway/packages) \
    && rm -rf /var/lib/apt/lists/* \
    && echo 'enrich:x:65532:' >> /etc/group \
    && echo 'enrich:x:65532:65532::/var/lib/enrich-gateway:/usr/sbin/nologin' >> /etc/passwd \
    && install -d -m 0750 -o 65532 -g 65532 /var/lib/enrich-gateway
COPY --from=build /out/usr/local/bin/ /usr/local/bin/
# For `definition` of a provider: the catalogue.
COPY --from=build /out/providers /usr/local/share/enrich-gateway/providers

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="enrich-gateway" \
      org.opencontainers.image.description="One gRPC API for contact-enrichment providers" \
      org.opencontainers.image.version="${VERSION}"
# By number: Kubernetes cannot tell from a name that it is not root.
USER 65532:65532
WORKDIR /var/lib/enrich-gateway
# Read by the gateway and by its health check.
ENV ENRICH_CONFIG=/etc/enrich-gateway/config.yaml
# gRPC, webhooks, health.
EXPOSE 8080 8081 8082
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["enrich-gateway", "healthcheck"]
ENTRYPOINT ["enrich-gateway"]
