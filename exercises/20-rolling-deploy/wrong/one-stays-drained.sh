for n in 2 1; do
    port="PORT_$n"
    old=$(process "$n")
    haproxy set server "apps/app-$n" state drain
    kill -TERM "$old"
    wait_until has_ended "$old"
    start "$n"
    wait_until is_ready "${!port}"
    haproxy set server apps/app-2 state ready
    wait_until in_service 2
done
