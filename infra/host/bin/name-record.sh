#!/usr/bin/env bash
# Names the event log of an engine that is about to start, in a file its unit reads. Where none can be written the engine
# starts without: recording never keeps it from trading.
#
#   name-record.sh
set -euo pipefail

prefix=${TRADEWIND_ROOT:-}
records=/var/lib/tradewind/records
answer=$prefix/run/tradewind/record.env
least_free_kib=1048576

# Whatever happens below, the log of an earlier start is not named again: an event log is never written over.
rm -f "$answer"

without() {
	# The journal takes the number for a priority: error.
	printf '<3>name-record: the engine starts without a record: %s\n' "$*" >&2
	exit 0
}

[ -w "$prefix$records" ] || without "$records cannot be written to"
free=$(df --output=avail "$prefix$records" | tail -n 1)
[ "$free" -ge "$least_free_kib" ] || without "$((free / 1024)) MiB are free, less than $((least_free_kib / 1024))"
# The clock may not be right yet, or may have been: chance keeps names apart.
chance=$(od -A n -N 4 -t x4 /dev/urandom | tr -d ' ')
name=events-$(date -u +%Y%m%dT%H%M%SZ)-$chance.log
[ ! -e "$prefix$records/$name" ] || without "$name exists"
printf 'TRADEWIND_SESSION__RECORD_TO=%s\n' "$records/$name" >"$answer.new"
mv "$answer.new" "$answer"
