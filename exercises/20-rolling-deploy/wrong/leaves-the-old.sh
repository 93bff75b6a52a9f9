old=$(process 1)
start 1 "$SPARE_PORT"
wait_until is_ready "$SPARE_PORT"
haproxy set server apps/app-1 addr 127.0.0.1 port "$SPARE_PORT"
kill -TERM "$old"
wait_until has_ended "$old"
start 2 "$PORT_1"
wait_until is_ready "$PORT_1"
haproxy set server apps/app-2 addr 127.0.0.1 port "$PORT_1"
