# syntax=docker/dockerfile:1
# Vestibule in a container: the program alone on a base without a shell, as a user without a name. Settings come by environment
# (VESTIBULE_…), data lies in /var/lib/vestibule. docs/operations.md says how to run it; compose.yaml does.

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
# what was fetched and compiled before stays for the next build, tools included
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    --mount=type=cache,target=/tools \
    VESTIBULE_TOOLS=/tools scripts/build \
    && install -D -m 0755 target/release/vestibule /made/vestibule \
    && install -d -m 0700 /made/data

# glibc, certificates and time zones, and nothing that could be run
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Vestibule" \
      org.opencontainers.image.description="A self-hosted invitation service" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /made/vestibule /usr/local/bin/vestibule
COPY --from=build --chown=65532:65532 /made/data /var/lib/vestibule
ENV VESTIBULE_LISTEN=0.0.0.0:3000 \
    VESTIBULE_DATA_DIR=/var/lib/vestibule
# by number: Kubernetes' runAsNonRoot can't tell a name's
USER 65532:65532
WORKDIR /var/lib/vestibule
VOLUME /var/lib/vestibule
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/vestibule", "health"]
ENTRYPOINT ["/usr/local/bin/vestibule"]
CMD ["serve"]
