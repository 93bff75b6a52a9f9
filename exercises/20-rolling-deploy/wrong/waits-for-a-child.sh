for n in 1 2; do
    old=$(process "$n")
    kill -TERM "$old"
    wait "$old"
    start "$n"
    wait_until in_service "$n"
done
