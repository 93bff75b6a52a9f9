#!/usr/bin/env bash
# Runs scripts/workshop.sh without setup and build. WORKSHOP_ROOT is a tree for the page alone.
if [ "${1-}" = serve ]; then
    exec in-terminal "serve-$2" 'Ctrl-C ends it' "$SHIM_PROGRAMS/workshop" "$@" --redis-port "$SHIM_SERVE_REDIS"
fi
# At a terminal it would ask questions.
exec "$SHIM_PROGRAMS/workshop" "$@" </dev/null
