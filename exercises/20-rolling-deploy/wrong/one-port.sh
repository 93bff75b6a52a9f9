for n in 1 2; do
    old=$(process "$n")
    start "$n" "$SPARE_PORT"
    wait_until is_ready "$SPARE_PORT"
    haproxy set server "apps/app-$n" addr 127.0.0.1 port "$SPARE_PORT"
    kill -TERM "$old"
    wait_until has_ended "$old"
done
