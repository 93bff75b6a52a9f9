for n in 1 2; do
    old=$(process "$n")
    [ "$n" = 1 ] || wait_until in_service 1
    kill -TERM "$old"
    wait_until has_ended "$old"
    start "$n"
done
