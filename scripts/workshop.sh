#!/usr/bin/env bash
# Leads through the exercises: shows the next one, checks what you wrote, and explains the result.
# Installs and builds what is missing first.
#
# Usage: scripts/workshop.sh [COMMAND]
exec "$(dirname "$0")/start.sh" workshop "$0" "$@"
