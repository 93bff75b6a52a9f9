#!/usr/bin/env bash
# Runs scripts/workshop.sh without setup and build. WORKSHOP_ROOT is a tree for the page alone.
exec "$SHIM_PROGRAMS/workshop" "$@"
