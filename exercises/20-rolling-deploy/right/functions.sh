stop() {
    kill "$1"
    while kill -0 "$1" 2>/dev/null; do sleep 0.05; done
}

replace() {
    stop "$(process "$1")"
    start "$1"
    for _ in {1..80}; do
        if in_service "$1"; then return; fi
        sleep 0.05
    done
    kill "$(process "$1")"
    return 1
}

replace 2 || exit 3
replace 1 || exit 3
