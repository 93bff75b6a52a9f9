for n in 1 2; do
    old=$(process "$n")
    kill -TERM "$old"
    wait_until has_ended "$old"
    start "$n"
    wait_until in_service "$n"
done
haproxy set weight apps/app-1 0 >/dev/null
