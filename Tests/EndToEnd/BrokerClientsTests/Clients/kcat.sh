#!/usr/bin/env bash
# kcat makes a topic by producing to it, consumes alone and in a group of two, and prints what it was answered as one line of
# JSON, all values strings. Arguments: the broker's address, and a prefix for the names it makes.
set -euo pipefail
bootstrap=$1 topic=$2-topic group=$2-group
folder=$(mktemp -d)
members=()
finish() { kill "${members[@]}" 2> /dev/null || true; rm -rf "$folder"; }
trap finish EXIT

separator='{'
fact() { printf '%s"%s": "%s"' "$separator" "$1" "$2"; separator=', '; }

client() { kcat -q -b "$bootstrap" "$@"; }

# The first `$2` lines of a file, joined, once they are there.
lines_of() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    [ "$(wc -l < "$1")" -ge "$2" ] && break
    sleep 0.05
  done
  head -n "$2" "$1" | paste -sd ' '
}

# Waits until a member has been given, or has lost, its partitions.
rebalanced() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    grep -q "$2" "$1" && { echo yes; return; }
    sleep 0.05
  done
  echo no
}

# A member of the group, whose records and rebalances go to files, until it is ended.
join() {
  kcat -b "$bootstrap" -X session.timeout.ms=10000 -X heartbeat.interval.ms=200 -X auto.offset.reset=earliest \
    -X partition.assignment.strategy=range -u -f '%s\n' -G "$group" "$topic" > "$folder/$1" 2> "$folder/$1.log" &
  members+=($!)
}

fact client "$(kcat -V 2>&1 | grep -o 'librdkafka [0-9.]*')"
fact brokers "$(kcat -L -b "$bootstrap" | sed -n "s/^  broker \([0-9]*\) at .* (controller)$/broker \1, the controller/p")"
fact "unknown topic" "$(client -C -e -t "$topic.none" -X allow.auto.create.topics=false 2>&1 | grep -o 'Unknown topic or partition' | head -n 1)"
printf 'k1:v1\nk2:v2\nk3:v3\n' | client -P -t "$topic" -K : -H a=b -X enable.idempotence=true
fact "partitions made" "$(kcat -L -b "$bootstrap" -t "$topic" | grep -o 'with [0-9]* partitions')"
for codec in gzip snappy lz4 zstd; do
  seq -f "$codec-%g" 200 | client -P -t "$topic" -z "$codec"
done
for acks in 0 1 -1; do echo "acks $acks" | client -P -t "$topic" -p 0 -X acks="$acks"; done
fact "first records" "$(client -C -e -t "$topic" -c 3 -f '%p %o %k %s %h;')"
fact "records of each codec" "$(client -C -e -t "$topic" -o beginning | cut -d- -f1 | sort | uniq -c | tr -s ' \n' ' ')"
fact "last record" "$(client -C -e -t "$topic" -o -1)"
fact "offset at the beginning of time" "$(client -Q -t "$topic:0:0" | grep -o 'offset.*')"
fact "offset in the future" "$(client -Q -t "$topic:0:32503680000000" | grep -o 'offset.*')"

join first
fact "first member reads" "$(lines_of "$folder/first" 806 | md5sum | cut -c 1-8)"
join second
fact "second member joins" "$(rebalanced "$folder/second.log" 'rebalanced.*assigned')"
echo between | client -P -t "$topic"
for ((tries = 0; tries < 600; tries++)); do grep -qx between "$folder/first" "$folder/second" && break; sleep 0.05; done
kill -TERM "${members[0]}"
wait "${members[0]}" || true
fact "second member takes over" "$(rebalanced "$folder/second.log" "assigned: $topic \[0\]")"
echo after | client -P -t "$topic"
for ((tries = 0; tries < 600; tries++)); do grep -qx after "$folder/second" && break; sleep 0.05; done
fact "read after the first left" "$(grep -cx after "$folder/second")"
fact "read by either, doubled" "$(cat "$folder/first" "$folder/second" | sort | uniq -d | wc -l)"
fact "read by either" "$(cat "$folder/first" "$folder/second" | wc -l)"
printf '}\n'
