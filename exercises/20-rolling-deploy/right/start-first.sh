port=$SPARE_PORT
for n in 1 2; do
    freed="PORT_$n"
    old=$(process "$n")
    start "$n" "$port"
    wait_until is_ready "$port"
    haproxy set server "apps/app-$n" addr 127.0.0.1 port "$port"
    kill -TERM "$old"
    wait_until has_ended "$old"
    port=${!freed}
done
