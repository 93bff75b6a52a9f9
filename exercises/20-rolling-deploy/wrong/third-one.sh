first=$(process 1)
start 1 "$SPARE_PORT"
wait_until is_ready "$SPARE_PORT"
echo "$first" >"$FOLDER/app-1.pid"
for n in 1 2; do
    old=$(process "$n")
    kill -TERM "$old"
    wait_until has_ended "$old"
    start "$n"
    wait_until in_service "$n"
done
