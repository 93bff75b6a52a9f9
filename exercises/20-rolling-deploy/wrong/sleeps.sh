for n in 1 2; do
    kill -TERM "$(process "$n")"
    sleep 3
    start "$n"
    sleep 3
done
