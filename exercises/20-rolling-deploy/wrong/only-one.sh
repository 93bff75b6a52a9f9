old=$(process 1)
kill -TERM "$old"
wait_until has_ended "$old"
start 1
wait_until in_service 1
