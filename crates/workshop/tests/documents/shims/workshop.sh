#!/usr/bin/env bash
# scripts/workshop.sh, with everything set up and built; WORKSHOP_ROOT names a tree of the page's own.
exec "$SHIM_PROGRAMS/workshop" "$@"
