#!/usr/bin/env bash
# The exercises' runner: shows where you are, checks what you wrote, and says what it means.
# Sets up and builds what is missing first. scripts/workshop.sh --help shows the commands.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:$HOME/.cargo/bin"

quiet=--quiet
if [ ! -x "${CARGO_TARGET_DIR:-target}/debug/workshop" ]; then
    scripts/setup.sh || echo "workshop: going on without what is missing" >&2
    echo "workshop: building; the first time takes some minutes" >&2
    [ ! -t 2 ] || quiet= # cargo's own progress is for terminals
fi
command -v cargo >/dev/null || { echo "workshop: not without Rust" >&2 && exit 1; }
# shellcheck disable=SC2086 # an option or nothing
cargo build --locked $quiet --workspace --exclude exercises --bins
exec "${CARGO_TARGET_DIR:-target}/debug/workshop" "$@"
