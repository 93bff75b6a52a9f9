#!/usr/bin/env bash
# scripts/demo.sh, with everything set up and built; before it stays up it tells one scene only.
set -euo pipefail
case " $* " in
    *" --once "* | *" --scene "*) ;;
    *) set -- --scene memory-restart "$@" ;;
esac
exec in-terminal "story-$HTTP_PORT" 'Ctrl-C ends it' "$SHIM_PROGRAMS/story" "$@"
