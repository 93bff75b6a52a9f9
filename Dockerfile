# The one image of all demos. A Compose service names the program that it runs.
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# Cargo reads the manifest of every member. The exercises themselves are not built here.
COPY exercises/Cargo.toml ./exercises/
COPY crates ./crates
COPY demos ./demos
# The caches outlive this build. Cargo goes by the files' times, which say nothing here: the cache may come from another
# clone. So a file gets a new time only if its content differs from that of the last successful build.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target,sharing=locked \
    touch target/sums && find crates demos -type f -exec sha256sum {} + | sort >/tmp/sums \
    && find crates demos -type f -exec touch --date=2000-01-01 {} + \
    && comm -23 /tmp/sums target/sums | cut -c67- | xargs --no-run-if-empty touch \
    && rm target/sums \
    && cargo build --profile container --locked --bin health-check --bin 'demo-*' \
    && cp /tmp/sums target/sums \
    && cd target/container && install -D -t /image/bin health-check $(ls /src/demos | sed 's/^/demo-/')
# The image has these programs, the libraries that they load, and nothing else that could run.
RUN ldd /image/bin/* | grep -o '/lib[^ ]*' | sort -u | xargs cp --parents --dereference -t /image \
    && cp --parents /etc/nsswitch.conf /etc/ssl/certs/ca-certificates.crt /image \
    && mkdir /data && mkdir -m 0700 /data/sessions \
    && echo 'demo:x:10001:10001::/:/bin/false' >/image/etc/passwd

FROM scratch
COPY --from=build /image /
# COPY keeps the mode of a folder only inside the folder that it copies.
COPY --from=build --chown=demo /data /var/lib
USER demo
EXPOSE 5000
CMD ["demo-file"]
