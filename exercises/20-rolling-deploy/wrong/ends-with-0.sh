for n in 1 2; do
    old=$(process "$n")
    kill -TERM "$old"
    wait_until has_ended "$old"
    start "$n"
    if ! wait_until in_service "$n"; then
        echo "app-$n does not become healthy"
        break
    fi
done
