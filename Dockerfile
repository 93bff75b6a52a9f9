# The one image of all demos. A Compose service names the program that it runs.
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# Cargo reads the manifest of every member. The exercises themselves are not built here.
COPY exercises/Cargo.toml ./exercises/
COPY crates ./crates
COPY demos ./demos
# The caches outlive this build. `touch` is needed because cargo goes by the files' times, and the cache may come from
# another clone, whose files were newer.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target,sharing=locked \
    find crates demos -type f -exec touch {} + \
    && cargo build --profile container --locked --bin health-check --bin 'demo-*' \
    && cd target/container && install -D -t /image/bin health-check $(ls /src/demos | sed 's/^/demo-/')
# The image has these programs, the libraries that they load, and nothing else that could run.
RUN ldd /image/bin/* | grep -o '/lib[^ ]*' | sort -u | xargs cp --parents --dereference -t /image \
    && cp --parents /etc/nsswitch.conf /etc/ssl/certs/ca-certificates.crt /image \
    && mkdir /sessions \
    && echo 'demo:x:10001:10001::/:/bin/false' >/image/etc/passwd

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=demo /sessions /var/lib/sessions
USER demo
EXPOSE 5000
CMD ["demo-file"]
