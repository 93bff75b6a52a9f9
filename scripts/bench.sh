#!/usr/bin/env bash
# Measures what a session costs: in our stores, and in other projects' stores under the same load.
# Writes docs/benchmark.md and docs/benchmark.svg. Use an idle machine with four cores or more.
#
# Usage: scripts/bench.sh [--quick] [--only TEXT] [--to DIR]
#   --quick       take 2 minutes instead of 13; the spread is larger
#   --only TEXT   measure only the servers whose name contains TEXT, print one table, and write no files
#   --to DIR      write the results to DIR instead of docs
set -euo pipefail
script=$0
cd "$(dirname "$0")/.."
PATH="$PATH:$HOME/.cargo/bin"
for option in "$@"; do
    case $option in -h | --help) sed -n '2,8s/^# \{0,1\}//p' scripts/bench.sh && exit ;; esac
done
scripts/setup.sh wrk
# Ask Cargo for the target folder, because the user's configuration may move it.
target=$(cargo metadata --no-deps --format-version 1 2>/dev/null | grep -o '"target_directory":"[^"]*' | cut -d'"' -f4) || true
export CARGO_TARGET_DIR=${target:-target}/bench
# One profile for all servers. Both builds share what they have in common.
export CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
echo "bench: building in $CARGO_TARGET_DIR; the first time takes some minutes" >&2
cargo build --locked --release --quiet -p demo-memory -p demo-file -p demo-cookie -p demo-redis -p demo-login
cargo build --locked --release --quiet --manifest-path bench/Cargo.toml
exec -a "$script" "$CARGO_TARGET_DIR/release/bench" "$@"
