for n in 1 2; do
    kill -KILL "$(process "$n")"
    start "$n"
    wait_until in_service "$n"
done
