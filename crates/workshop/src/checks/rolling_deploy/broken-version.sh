#!/bin/sh
# A new version that listens, and answers every request with 503: an HAProxy without servers.
exec "$HAPROXY" -db -f "${0%/*}/broken-version.cfg"
