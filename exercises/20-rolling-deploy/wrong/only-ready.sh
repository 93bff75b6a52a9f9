for n in 1 2; do
    port="PORT_$n"
    old=$(process "$n")
    kill -TERM "$old"
    wait_until has_ended "$old"
    start "$n"
    wait_until is_ready "${!port}"
done
