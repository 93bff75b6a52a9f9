for n in 1 2; do
    kill -TERM "$(process "$n")"
    start "$n"
    wait_until in_service "$n"
done
