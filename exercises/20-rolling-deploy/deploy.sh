#!/usr/bin/env bash
# Exercise 20: replaces the running instances app-1 and app-2 by a new version. HAProxy sends visitors
# to both of them; haproxy.cfg is its configuration. These settings are in the environment:
#
#   NEW_VERSION      the program of the new version
#   PORT_1, PORT_2   the ports of app-1 and app-2
#   SPARE_PORT       another port, which is free
#   ADMIN            where HAProxy takes commands, for example 127.0.0.1/5010
#   FOLDER           a folder with the process ID of each instance, as in app-1.pid
set -euo pipefail

# process N: prints the process ID of app-N.
process() { cat "$FOLDER/app-$1.pid"; }

# start N [PORT]: starts the new version as app-N on its port, or on PORT. Doesn't wait until it is ready.
start() {
    local port="PORT_$1"
    port=${2-${!port}}
    APP_PORT=$port "$NEW_VERSION" </dev/null >>"$FOLDER/app-$1.log" 2>&1 &
    echo $! >"$FOLDER/app-$1.pid"
}

# has_ended PROCESS: succeeds if the process with this ID has ended.
has_ended() { ! kill -0 "$1" 2>/dev/null; }

# is_ready PORT: succeeds if the instance on PORT answers its health check with 200.
is_ready() { curl --silent --fail --max-time 1 --output /dev/null "http://127.0.0.1:$1/readyz"; }

# in_service N: succeeds if HAProxy sends visitors to app-N.
in_service() { haproxy show stat | grep "^apps,app-$1,.*,UP," >/dev/null; }

# haproxy COMMAND...: sends HAProxy a command, and prints the answer.
haproxy() {
    exec 3<>"/dev/tcp/$ADMIN"
    echo "$*" >&3
    cat <&3
    exec 3>&-
}

# wait_until COMMAND...: waits until the command succeeds. Fails after 5 seconds.
wait_until() {
    local tries
    for ((tries = 0; tries < 50; tries++)); do
        if "$@"; then return; fi
        sleep 0.1
    done
    echo "waited 5 seconds in vain: $*" >&2
    return 1
}

# TODO: replace both instances, and let no visitor notice.
# --- YOUR TURN
for n in 1 2; do
    kill -KILL "$(process "$n")"
    start "$n"
done
# --- UNTIL HERE
