#!/usr/bin/env bash
# Plays the story with real servers, then serves every demo on http://localhost:5000 until Ctrl-C.
# Installs and builds what is missing first.
#
# Usage: scripts/demo.sh [OPTION...]
exec "$(dirname "$0")/start.sh" story "$0" "$@"
