#!/usr/bin/env bash
# Runs scripts/demo.sh without setup and build. If it is to stay up, it runs only one scene before.
set -euo pipefail
case " $* " in
    *" --once "* | *" --scene "*) ;;
    *) set -- --scene memory-restart "$@" ;;
esac
exec in-terminal "story-$HTTP_PORT" 'Ctrl-C ends it' "$SHIM_PROGRAMS/story" "$@"
