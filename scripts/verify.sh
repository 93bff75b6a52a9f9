#!/usr/bin/env bash
# Checks everything. The exit status is 0 only if every check passed.
#
# Usage: scripts/verify.sh [--browser] [--compose] [--exercises] [--storm TIME] [--all]
#   --browser     also test the pages in Chromium, and their accessibility
#   --compose     also run the story in containers
#   --exercises   also type the documents' commands, and prove the exercises
#   --storm 10m   also let random faults strike Redis and the instances for this long
#   --all         all of these, with a storm of 30 seconds, Acts II and IV of the story, and the types of the benchmark
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:$HOME/.cargo/bin"
# Tests wait more than they compute, so run two of them for each core.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((2 * $(getconf _NPROCESSORS_ONLN)))}
export CARGO_TERM_COLOR=never RUST_BACKTRACE=0

browser=no compose=no exercises=no storm=no bench=no
acts='--act 1 --act 3 --scene matrix'
while [ $# -gt 0 ]; do
    case $1 in
        --browser) browser=yes ;;
        --compose) compose=yes ;;
        --exercises) exercises=yes ;;
        --storm)
            [ $# -gt 1 ] || { echo 'verify: --storm needs a time, as in --storm 10m' >&2 && exit 2; }
            storm=$2
            shift
            ;;
        --all) browser=yes compose=yes exercises=yes storm=${storm/#no/30s} bench=yes acts='' ;;
        -h | --help) sed -n '2,9s/^# \{0,1\}//p' scripts/verify.sh && exit ;;
        *) echo "verify: unknown option $1; there are --browser, --compose, --exercises, --storm and --all" >&2 && exit 2 ;;
    esac
    shift
done

log=$(mktemp)
trap 'rm -f "$log" "$log.features" "$log.story" "$log.compose"' EXIT
passed=0 failed=0 notes=''

# check NAME COMMAND...: prints one line, and the end of the log if the command fails. Each test counts as a check.
check() {
    local name=$1 from=$SECONDS yes=1 no=0 verdict=ok
    shift
    printf '%-44s' "$name"
    if ! "$@" >"$log" 2>&1; then yes=0 no=1 verdict=${failure:-FAILED}; fi
    if grep -q '^test result:' "$log"; then
        yes=$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")
        no=$(awk -v no="$no" '/^test result:/ { n += $6 } END { print n ? n : no }' "$log")
        verdict="$verdict, $yes tests"
    fi
    echo "$verdict ($((SECONDS - from)) s)"
    passed=$((passed + yes)) failed=$((failed + no))
    [ "$no" != 0 ] || return 0
    # The failed tests, or the last lines if no test failed.
    { sed -n '/^failures:/,/^test result/p; /=> FAILED/,/^$/p' "$log" | grep . || tail -n 60 "$log"; } | sed 's/^/    /'
}

# note LINE: prints LINE at the end.
note() { notes="$notes$1"$'\n'; }

# named_version TOOL: the version of TOOL that Cargo.toml names for lints.
named_version() { sed -n '/^\[workspace.metadata.lints\]/,/^$/s/^'"$1"' = "\(.*\)"$/\1/p' Cargo.toml; }

# lint TOOL VERSION NAME COMMAND...: as check. With another version than the named one, warnings are shown, not counted.
lint() {
    local named before=$failed
    named=$(named_version "$1")
    case $2. in "$named".*) check "${@:3}" && return ;; esac
    failure="warns, not counted: this is $1 $2, not $named" check "${@:3}"
    failed=$before
}

# Tries lint with a command that fails.
only_named_versions_fail() {
    local log=/dev/null passed=0 failed=0
    lint rust 0.0.1 'another version' false
    [ "$failed" = 0 ] || return
    lint rust "$(named_version rust).9" 'the named version' false
    [ "$failed" = 1 ]
}

# Builds the workspace and then each demo alone, which must not compile anything again.
one_set_of_features() {
    local demo
    cargo build --locked --workspace --exclude exercises --bins || return
    for demo in demos/*/; do
        cargo build --locked -p "demo-$(basename "$demo")" 2>&1 || return
    done | tee "$log.features"
    if grep '^ *Compiling' "$log.features"; then return 1; fi
}

# Asks Compose for the production containers, which need two secrets and have no published one.
production_needs_secrets() {
    local key=a-secret-of-one-test password=a-password-of-one-test
    production() { docker compose -f docker-compose.yml -f docker-compose.production.yml config 2>&1; }
    if SESSION_KEY='' REDIS_PASSWORD=$password production; then echo 'it starts without a SESSION_KEY' && return 1; fi
    if SESSION_KEY=$key REDIS_PASSWORD='' production; then echo 'it starts without a REDIS_PASSWORD' && return 1; fi
    SESSION_KEY=$key REDIS_PASSWORD=$password production >"$log.compose" || return
    if grep -nE ':workshop@|REDISCLI_AUTH: workshop|not-a-secret|LAB: "true"|host_ip: 0|^ +- "?[0-9]+:' "$log.compose"; then return 1; fi
    [ "$(grep -c 'SECURE_COOKIE: "true"' "$log.compose")" -ge 5 ]
}

# Checks session-stores with each of its features alone, and with none.
each_store_alone() {
    local feature
    for feature in '' memory file cookie redis redis-tls; do
        cargo clippy --locked -p session-stores --no-default-features --features "$feature" -- -D warnings || return
    done
}

# Builds the libraries as others would get them. It needs no network after a build of the workspace, except in a new
# Cargo home, whose index lacks the packages for other systems.
packages() {
    local package='cargo package --locked --allow-dirty -p session-stores -p session-layer'
    $package --offline || $package
}

# story OPTION...: plays scenes, whose narration must fit into a terminal of 80 columns.
story() {
    cargo run --locked --quiet --bin story -- "$@" | tee "$log.story" || return
    if LC_ALL=C.UTF-8 grep -nE '^.{81}' "$log.story"; then echo 'these lines are too long' && return 1; fi
}

tools='shellcheck curl pgrep'
[ "$browser" = no ] || tools="$tools chromedriver axe"
[ "$exercises" = no ] || tools="$tools byexample"
# shellcheck disable=SC2086 # words
scripts/setup.sh $tools || true # visible, because it may ask for a password
# shellcheck disable=SC2086
check 'setup' scripts/setup.sh --check $tools
rust=$(rustc --version | cut -d' ' -f2)
shellcheck=$(shellcheck --version | sed -n 's/^version: //p')
check 'build (minutes, the first time)' cargo build --locked --workspace --all-targets
check 'a demo alone compiles nothing again' one_set_of_features
check 'newer tools warn and do not fail' only_named_versions_fail
lint rust "$rust" 'format' cargo fmt --all --check
lint rust "$rust" 'lints' cargo clippy --locked --workspace --all-targets -- -D warnings
# As docs.rs builds it: without the features that other packages of the workspace need.
lint rust "$rust" 'documentation of the layer' env RUSTDOCFLAGS=-Dwarnings cargo doc --locked -p session-layer --no-deps
lint rust "$rust" 'documentation' env RUSTDOCFLAGS=-Dwarnings cargo doc --locked --workspace --no-deps
lint rust "$rust" 'each store alone' each_store_alone
case $rust. in
    # An older Rust can't package a crate together with one that it depends on.
    "$(named_version rust)".*) check 'libraries as packages' packages ;;
    *) note "left out: the libraries as packages (Rust $(named_version rust))" ;;
esac
lint shellcheck "$shellcheck" 'shell scripts' shellcheck scripts/*.sh .ci/run crates/workshop/tests/documents/shims/* \
    crates/workshop/src/checks/*/*.sh exercises/*/starter/*.sh
check 'tests' env SCENES=played cargo test --locked --workspace --no-fail-fast
# shellcheck disable=SC2086 # words
check 'story, its matrix and its pictures' story --once --check-matrix README.md --check-pictures docs/pictures $acts
matrix=$(sed -n '/^What became/,/^503/p' "$log")
[ -z "$acts" ] || note 'left out: Acts II and IV of the story (--all)'
if [ "$browser" = yes ]; then
    check 'pages, in a real Chromium' cargo test --locked --workspace --no-fail-fast --test browser -- --ignored --test-threads=2
else
    note 'left out: the pages in a real Chromium (--browser, or --all)'
fi
if [ "$exercises" = yes ]; then
    check 'commands of the documents' cargo test --locked --workspace --test documents -- --ignored
    note "$(grep '^left out:' "$log" || true)"
    check 'exercises and their runner' cargo test --locked --workspace --no-fail-fast --test proof --test runner -- --ignored
    note "$(grep '^left out:' "$log" || true)"
else
    note 'left out: the commands of the documents, and the exercises (--exercises, or --all)'
fi
if [ "$storm" != no ]; then
    check "storm for $storm" cargo run --locked --quiet --package story --bin storm -- --for "$storm"
    note "$(grep '^storm: seed .* faults' "$log" || true)"
else
    note 'left out: the storm of random faults (--storm 10m, or --all)'
fi
if [ "$bench" = yes ]; then
    check 'types of the benchmark' cargo check --locked --manifest-path bench/Cargo.toml --target-dir target/bench
else
    note 'left out: the types of the benchmark (--all)'
fi
if [ "$compose" = yes ]; then
    check 'production containers need secrets' production_needs_secrets
    check 'containers (minutes, the first time)' cargo run --locked --quiet --bin story -- --compose --once
else
    note 'left out: the story in containers (--compose, or --all)'
fi

notes=$(echo "$notes" | grep . || echo 'nothing was left out')
printf '\n%s\n\n%s\nit took %s s\n' "$matrix" "$notes" "$SECONDS"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
