# One image for all demos: they are built in one go, and a service names the one it runs.
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# A member of the workspace, of which nothing is built here: what is written there makes no new image.
COPY exercises/Cargo.toml ./exercises/
COPY crates ./crates
COPY demos ./demos
# The caches outlive a build, so a change of source recompiles what it touches and no more.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    # By their contents, not by the times that git or an archive gave them: the cache may be another clone's.
    find crates demos -name '*.rs' -exec touch {} + \
    && cargo build --release --locked -p demo-memory -p demo-file -p demo-redis -p demo-cookie -p demo-login -p demo-viewer \
    && mkdir /out && cd target/release && cp demo-memory demo-file demo-redis demo-cookie demo-login demo-viewer /out/

FROM debian:trixie-slim
RUN useradd --system --no-create-home demo && install -d -o demo -m 0700 /var/lib/sessions
COPY --from=build /out/ /usr/local/bin/
USER demo
EXPOSE 5000
CMD ["demo-file"]
