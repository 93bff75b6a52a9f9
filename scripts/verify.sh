#!/usr/bin/env bash
# Checks everything. The exit status is 0 only if all of it passed.
#
# Usage: scripts/verify.sh [--browser] [--compose] [--exercises] [--all]
#   --browser     also the pages of the viewer and the chat, in a real Chromium
#   --compose     also the story in containers
#   --exercises   also the documents, typed command by command, and the proof of the exercises
#   --all         everything there is
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:$HOME/.cargo/bin"
# Tests wait more than they compute: more of them at a time than there are cores.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-4}
export RUSTDOCFLAGS=-Dwarnings CARGO_TERM_COLOR=never RUST_BACKTRACE=0

browser=no compose=no exercises=no
for option in "$@"; do
    case $option in
        --browser) browser=yes ;;
        --compose) compose=yes ;;
        --exercises) exercises=yes ;;
        --all) browser=yes compose=yes exercises=yes ;;
        -h | --help) sed -n '2,8s/^# \{0,1\}//p' scripts/verify.sh && exit ;;
        *) echo "verify: unknown option $option; there are --browser, --compose, --exercises and --all" >&2 && exit 2 ;;
    esac
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 left_out=''

# check NAME COMMAND...: one line on the terminal, and the end of the log if it fails. A run of tests counts each test.
check() {
    local name=$1 from=$SECONDS yes=1 no=0 verdict=ok
    shift
    printf '%-44s' "$name"
    if ! "$@" >"$log" 2>&1; then yes=0 no=1 verdict=FAILED; fi
    if grep -q '^test result:' "$log"; then
        yes=$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")
        no=$(awk -v no="$no" '/^test result:/ { n += $6 } END { print n ? n : no }' "$log")
        verdict="$verdict, $yes tests"
    fi
    echo "$verdict ($((SECONDS - from)) s)"
    passed=$((passed + yes)) failed=$((failed + no))
    [ "$no" != 0 ] || return 0
    # What failed, of a run of tests; else how it ended.
    { sed -n '/^failures:/,/^test result/p; /=> FAILED/,/^$/p' "$log" | grep . || tail -n 60 "$log"; } | sed 's/^/    /'
}

# Has the end tell what was left out: $1.
leave_out() { left_out="$left_out$1"$'\n'; }

tools='shellcheck curl pgrep'
[ "$browser" = no ] || tools="$tools chromedriver"
[ "$exercises" = no ] || tools="$tools byexample"
# shellcheck disable=SC2086 # words
scripts/setup.sh $tools || true # shown: it may ask for a password
# shellcheck disable=SC2086
check 'setup' scripts/setup.sh --check $tools
check 'build (minutes, the first time)' cargo build --locked --workspace --all-targets
check 'format' cargo fmt --all --check
check 'lints' cargo clippy --locked --workspace --all-targets -- -D warnings
check 'shell scripts' shellcheck scripts/*.sh .ci/run crates/workshop/tests/documents/shims/*
check 'documentation' cargo doc --locked --workspace --no-deps
check 'tests: stores, HTTP, troubles, scenes' cargo test --locked --workspace --no-fail-fast
check 'story, and the matrix of README.md' cargo run --locked --quiet --bin story -- --once --check-matrix README.md
matrix=$(sed -n '/^What became/,/^all, one only/p' "$log")
if [ "$browser" = yes ]; then
    check 'viewer and chat, in a real Chromium' cargo test --locked --workspace --no-fail-fast --test browser -- --ignored --test-threads=2
else
    leave_out "left out: viewer and chat in a real Chromium (--browser, or --all)"
fi
if [ "$exercises" = yes ]; then
    # The whole workspace, so that one set of features and so one build serves every run.
    check 'documents, typed' cargo test --locked --workspace --test documents -- --ignored
    leave_out "$(grep '^left out:' "$log" || true)"
    check 'exercises, proven; the runner, tried' cargo test --locked --workspace --no-fail-fast --test proof --test runner -- --ignored
    leave_out "$(grep '^left out:' "$log" || true)"
else
    leave_out 'left out: the documents, typed, and the proof of the exercises (--exercises, or --all)'
fi
if [ "$compose" = yes ]; then
    check 'containers (minutes, the first time)' cargo run --locked --quiet --bin story -- --compose --once
else
    leave_out 'left out: the story in containers (--compose, or --all)'
fi

left_out=$(echo "$left_out" | grep . || echo 'nothing was left out')
printf '\n%s\n\n%s\nit took %s s\n' "$matrix" "$left_out" "$SECONDS"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
