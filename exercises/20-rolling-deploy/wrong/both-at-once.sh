old_1=$(process 1)
old_2=$(process 2)
kill -TERM "$old_1" "$old_2"
wait_until has_ended "$old_1"
wait_until has_ended "$old_2"
start 1
start 2
wait_until in_service 1
wait_until in_service 2
