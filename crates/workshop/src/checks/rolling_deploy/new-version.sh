#!/bin/sh
# The new version of demo-login ($SERVER). Its name is v2, and it takes half a second before it listens.
sleep 0.5
INSTANCE=v2 exec "$SERVER"
