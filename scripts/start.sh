#!/usr/bin/env bash
# Builds a program of the workspace and runs it under the name of the script that the user typed.
#
# Usage: scripts/start.sh PROGRAM SCRIPT [ARGUMENT...]     as demo.sh and workshop.sh do
set -euo pipefail
program=$1 script=$2
shift 2
cd "$(dirname "$0")/.."
PATH="$PATH:$HOME/.cargo/bin"
# Ask Cargo for the target folder, because the user's configuration may move it.
target=$(cargo metadata --no-deps --format-version 1 2>/dev/null | grep -o '"target_directory":"[^"]*' | cut -d'"' -f4) || true
binary=${target:-target}/debug/$program
build='cargo build --locked --workspace --exclude exercises --bins'

# These options only ask for information, so they never start a build.
for option in "$@"; do
    case $option in -h | --help | --list | -V | --version) ;; *) continue ;; esac
    [ ! -x "$binary" ] || exec -a "$script" "$binary" "$@"
    case $option in -h | --help) sed -n '2,/^# Usage/s/^# \{0,1\}//p' "scripts/${script##*/}" ;; esac
    echo "$script knows more once it is built: $build" >&2
    case $option in -h | --help) exit ;; *) exit 1 ;; esac
done

# The demo checks the tools at every start, the workshop only before its first build.
if [ "$program" = story ] || [ ! -x "$binary" ]; then
    scripts/setup.sh || echo "$script: continuing without what is missing" >&2
fi
command -v cargo >/dev/null || { echo "$script: Rust is missing; get it from https://rustup.rs" >&2 && exit 1; }
[ -x "$binary" ] || echo "$script: building; the first time takes some minutes" >&2
color=never
[ ! -t 2 ] || color=always
# Cargo prints a line for each crate that it compiles. Its last line is left out: it says nothing if there was none.
$build --color "$color" 2>&1 | while IFS= read -r line; do
    [[ $line == *Finished*profile* ]] || printf '%s\n' "$line" >&2
done
exec -a "$script" "$binary" "$@"
