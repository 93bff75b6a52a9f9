port=$SPARE_PORT
for n in 1 2; do
    old=$(process "$n"); p=PORT_$n
    start "$n" "$port"
    wait_until is_ready "$port" || { kill -TERM "$(process "$n")"; echo "$old" >"$FOLDER/app-$n.pid"; exit 1; }
    haproxy set server "apps/app-$n" addr 127.0.0.1 port "$port" >/dev/null
    wait_until in_service "$n"
    kill -TERM "$old"
    [ "$n" = 2 ] || wait_until has_ended "$old"
    port=${!p}
done
