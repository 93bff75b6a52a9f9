#!/usr/bin/env bash
# Installs Redis, HAProxy and a C compiler with the system's package manager, if they are missing. Starts no service.
#
# Usage: scripts/setup.sh [--check] [TOOL...]
#   --check   only report what is missing
#   TOOL      another program to install, such as shellcheck; byexample and axe are installed in target/
set -euo pipefail
cd "$(dirname "$0")/.."
# Debian installs servers in folders that a user's PATH may lack.
PATH="$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin:$HOME/.cargo/bin"
# Packages of PyPI. The second one brings axe-core 4.12.1.
byexample=11.0.0 venv=target/documents-venv
axe=0.1.8 axe_folder=target/axe

say() { echo "setup: $*" >&2; }

check_only=no tools='redis-server haproxy cc'
for word in "$@"; do
    case $word in
        --check) check_only=yes ;;
        -h | --help) sed -n '2,6s/^# \{0,1\}//p' scripts/setup.sh && exit ;;
        -*) say "unknown option $word; there is --check" && exit 2 ;;
        *) tools="$tools $word" ;;
    esac
done

# Succeeds if tool $1 is installed.
has() {
    case $1 in
        # Run it instead of testing for the file: a virtual environment breaks when its folder moves.
        byexample) [[ "$("$venv/bin/byexample" --version 2>&1)" == *"byexample $byexample "* ]] ;;
        axe) [ -d "$axe_folder/axe_playwright_python-$axe.dist-info" ] ;;
        python3) python3 -c 'import venv, ensurepip' 2>/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# Prints the tools that are missing.
missing_tools() { for tool in $tools; do has "$tool" || echo "$tool"; done; }

# Prints the path of the system's package manager.
manager() { for it in brew apt-get dnf pacman apk; do command -v "$it" && return; done; }

# Prints the packages that contain tool $1 for package manager $2.
package() {
    case $1:$2 in
        redis-server:apt-get) echo redis-server ;;
        # dnf finds the package by the file. In newer Fedoras that is Valkey's.
        redis-server:dnf) echo /usr/bin/redis-server ;;
        redis-server:* | redis-cli:brew | redis-cli:pacman | redis-cli:apk) echo redis ;;
        redis-cli:apt-get) echo redis-tools ;;
        redis-cli:dnf) echo /usr/bin/redis-cli ;;
        cc:apt-get) echo gcc libc6-dev ;;
        cc:apk) echo gcc musl-dev ;;
        cc:*) echo gcc ;;
        python3:apt-get) echo python3 python3-venv ;;
        python3:pacman | python3:brew) echo python ;;
        pgrep:apt-get | pgrep:apk) echo procps ;;
        pgrep:*) echo procps-ng ;;
        chromedriver:apt-get) echo chromium chromium-driver ;;
        chromedriver:apk) echo chromium chromium-chromedriver ;;
        chromedriver:dnf) echo chromium chromedriver ;;
        chromedriver:pacman) echo chromium ;;
        shellcheck:dnf) echo ShellCheck ;;
        *) echo "$1" ;;
    esac
}

# Prints the command that installs packages with $1. A package of Debian would start its service now and at each boot.
# A policy prevents the first while apt-get runs, then update-rc.d disables the second. An earlier policy is restored.
command_of() {
    case $1 in
        brew) echo 'brew install --quiet "$@"' ;;
        dnf) echo 'dnf install -y "$@"' ;;
        pacman) echo 'pacman -S --needed --noconfirm "$@" || pacman -Sy --needed --noconfirm "$@"' ;;
        apk) echo 'apk add "$@"' ;;
        apt-get) cat <<'END' ;;
policy=/usr/sbin/policy-rc.d
[ ! -e $policy ] || mv $policy $policy.before
trap "rm -f $policy; [ ! -e $policy.before ] || mv $policy.before $policy" EXIT
trap "exit 130" INT TERM HUP
printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
install() { apt-get install -y --no-install-recommends "$@"; }
install "$@" || { apt-get update && install "$@"; } || exit 1
for service in "$@"; do
    [ -e "/etc/init.d/$service" ] || continue
    update-rc.d "$service" disable || echo "$service stays enabled" >&2
done
END
    esac
}

# Prints the version of program $1.
version() { { "$1" -v 2>/dev/null || true; } | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1; }

# Succeeds if version $1 is at least $2.
at_least() { printf '%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -c 2>/dev/null; }

# Runs pip install with these arguments, in a virtual environment. A virtual environment breaks when its folder moves.
pip_install() {
    has python3 || install_missing python3 || return 1
    "$venv/bin/pip" --version >/dev/null 2>&1 || python3 -m venv --clear "$venv" || return 1
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
}

install_byexample() { say "installing byexample $byexample in $venv" && pip_install "byexample==$byexample"; }

# The tests need the package's script for browsers alone, and not Playwright.
install_axe() {
    say "installing axe in $axe_folder"
    pip_install --no-deps --upgrade --target "$axe_folder" "axe-playwright-python==$axe"
}

# Installs the tools that $1 lists.
install_missing() {
    local pm packages='' sudo='' log tool
    pm=$(basename "$(manager)")
    [ -n "$pm" ] || { say "found no package manager that this script knows; install by hand: $1" && return 1; }
    for tool in $1; do packages="$packages $(package "$tool" "$pm")"; done
    if [ "$pm" != brew ] && [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { say "only root may install with $pm; as root:$packages" && return 1; }
        # Without a terminal, sudo cannot ask for a password.
        sudo='sudo -n' && [ ! -t 0 ] || sudo=sudo
    fi
    say "installing$packages with ${sudo:+$sudo }$pm; this may take a minute"
    log=$(mktemp)
    # shellcheck disable=SC2086 # words
    if ! $sudo sh -c "$(command_of "$pm")" setup $packages >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        say "$pm failed; install by hand:$packages"
    fi
    rm -f "$log"
}

missing=$(missing_tools)
if [ -n "$missing" ] && [ "$check_only" = no ]; then
    packaged=$(echo "$missing" | grep -vxE 'byexample|axe' || true)
    [ -z "$packaged" ] || install_missing "${packaged//$'\n'/ }" || true
    case " $tools " in *" byexample "*) has byexample || install_byexample || true ;; esac
    case " $tools " in *" axe "*) has axe || install_axe || true ;; esac
    missing=$(missing_tools)
fi

status=0
for tool in $missing; do say "missing: $tool" && status=1; done
for need in redis-server:6.2 haproxy:2.6; do
    tool=${need%:*} least=${need#*:}
    command -v "$tool" >/dev/null || continue
    found=$(version "$tool")
    at_least "$found" "$least" || { say "$(command -v "$tool") is version $found, and $least or newer is needed" && status=1; }
done
command -v cargo >/dev/null || { say "Rust is missing; get it from https://rustup.rs" && status=1; }
exit "$status"
