#!/usr/bin/env bash
# Plays the story with real servers, and then stays up on http://localhost:5000 until Ctrl-C.
# Sets up and builds what is missing first. scripts/demo.sh --help shows the options.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:$HOME/.cargo/bin"

case " $* " in
    *" --help "* | *" -h "* | *" --list "* | *" --version "* | *" -V "*) ;;
    *) scripts/setup.sh || echo "demo: going on without what is missing" >&2 ;;
esac
command -v cargo >/dev/null || { echo "demo: not without Rust" >&2 && exit 1; }

echo "demo: building; the first time takes some minutes" >&2
quiet=--quiet
[ ! -t 2 ] || quiet= # cargo's own progress is for terminals
# shellcheck disable=SC2086 # an option or nothing
cargo build --locked $quiet --workspace --bins
exec cargo run --locked --quiet --bin story -- "$@"
