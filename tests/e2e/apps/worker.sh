#!/bin/sh
# A worker in shell: takes a job a second, and ends in good order on SIGTERM.
trap 'echo "worker: drained"; exit 0' TERM
echo "worker: ready"
job=0
while :; do
    job=$((job + 1))
    echo "worker: job $job done"
    sleep 0.2 &
    wait $!
done
