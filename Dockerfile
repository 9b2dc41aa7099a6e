# syntax=docker/dockerfile:1.7
# Images of AutoPilotOps. Targets: autopilot (the command line tool, for retraining; the default) and
# autopilot-scorer (the service in the cluster).
#
#   docker buildx build --target autopilot-scorer --tag ghcr.io/autopilotops/autopilot-scorer:0.1.0 \
#     --build-arg VERSION=0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" \
#     --sbom=true --provenance=mode=max --push .
#
# SBOM: system libraries come from Debian packages, whose database stays in the image, and the Swift packages are in
# usr/share/autopilotops/Package.resolved; BuildKit's scanner and others such as syft read both.
# Health is asked over HTTP by Kubernetes, so there is no HEALTHCHECK. Both images run as uid 65532 with a read-only
# root file system, and need a writable /tmp for large ingests only. Builds for amd64 and arm64 alike.
ARG SWIFT_IMAGE=swift:6.3-bookworm
# The same release of Debian as the builder's, for the same versions of libraries.
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS sources
WORKDIR /src
COPY scripts/setup.sh scripts/
RUN scripts/setup.sh && rm -rf /var/lib/apt/lists/*
COPY . .

# Linked statically with Swift's own libraries; empty builds against the shared ones, which are then copied along.
FROM sources AS build-autopilot
ARG SWIFT_LINKING=--static-swift-stdlib
# hadolint ignore=SC2086
RUN --mount=type=cache,id=autopilotops-build,target=/src/.build,sharing=locked \
    swift build -c release --product autopilot ${SWIFT_LINKING} \
    && scripts/image-files.sh .build/release/autopilot /image

FROM sources AS build-autopilot-scorer
ARG SWIFT_LINKING=--static-swift-stdlib
# hadolint ignore=SC2086
RUN --mount=type=cache,id=autopilotops-build,target=/src/.build,sharing=locked \
    swift build -c release --product autopilot-scorer ${SWIFT_LINKING} \
    && scripts/image-files.sh .build/release/autopilot-scorer /image

# What all programs link. A further program (a healer) is two more stages like those of the scorer.
FROM ${DEBIAN_IMAGE} AS runtime
RUN apt-get update \
    && apt-get upgrade -y \
    && apt-get install -y --no-install-recommends \
      ca-certificates \
      liblapacke \
      libopenblas0-pthread \
      libpcre2-8-0 \
      libstdc++6 \
      libzstd1 \
      tzdata \
      zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log
# Programs keep caches nowhere; OpenBLAS runs on the calling thread.
ENV HOME=/tmp \
    OPENBLAS_NUM_THREADS=1
WORKDIR /
STOPSIGNAL SIGTERM

FROM runtime AS autopilot-scorer
COPY --from=build-autopilot-scorer /image/ /
# Fails the build where a library is missing.
RUN libraries=$(ldd /usr/local/bin/autopilot-scorer) && case "$libraries" in *"not found"*) echo "$libraries"; exit 1 ;; esac
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="autopilot-scorer" \
      org.opencontainers.image.description="Scores live telemetry with a published model of AutoPilotOps" \
      org.opencontainers.image.source="https://github.com/autopilotops/autopilotops" \
      org.opencontainers.image.documentation="https://github.com/autopilotops/autopilotops/blob/main/docs/deployment.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 65532:65532
EXPOSE 8080 9464
ENTRYPOINT ["/usr/local/bin/autopilot-scorer"]
CMD ["--config", "/etc/autopilotops/scorer.yaml"]

FROM runtime AS autopilot
# HDF5 holds the datasets, SQLite the experiments; curl pushes the metrics of a retraining job.
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl libhdf5-103-1 libsqlite3-0 \
    && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log
COPY --from=build-autopilot /image/ /
RUN libraries=$(ldd /usr/local/bin/autopilot) && case "$libraries" in *"not found"*) echo "$libraries"; exit 1 ;; esac
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="autopilot" \
      org.opencontainers.image.description="Learns from exported telemetry to see incidents before people do" \
      org.opencontainers.image.source="https://github.com/autopilotops/autopilotops" \
      org.opencontainers.image.documentation="https://github.com/autopilotops/autopilotops/blob/main/docs/deployment.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/autopilot"]
