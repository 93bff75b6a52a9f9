for n in 1 2; do
    old=$(process "$n")
    kill -TERM "$old"
    wait_until has_ended "$old"
    start "$n"
    wait_until in_service "$n" || echo "app-$n does not become healthy"
done
