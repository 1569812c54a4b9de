#!/usr/bin/env bash
# Ships records to the audit archive: event logs of the engine piece by piece, also while one is written, and rotated logs
# whole. An object is named by its content, and none is ever written over. Run by a timer; running it again ships nothing
# that is there.
#
#   archive-records.sh [--piece-bytes N] [--open-after SECONDS] [--keep-days N] [--keep-free PERCENT] [--retry-after SECONDS]
#
# Objects: hosts/<host>/<yyyy>/<mm>/<dd>/<log>.<offset>.<sha256> for pieces, which `cat` in their order makes whole again,
# and .../<name>.<sha256> for rotated logs. An event log is deleted when all of it is confirmed and as confirmed, it is older
# than --keep-days, and less than --keep-free percent of the volume are free. Exit codes: 0 all shipped, 1 something was not.
set -euo pipefail

prefix=${TRADEWIND_ROOT:-}
piece_bytes=67108864
open_after=900
keep_days=7
keep_free=20
retry_after=2
most_attempts=4
most_failures=3

fail() {
	printf 'archive-records: %s\n' "$*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	[[ ${2-} =~ ^[0-9]{1,12}$ ]] || fail "$1: needs a number"
	case $1 in
	--piece-bytes) piece_bytes=$2 ;;
	--open-after) open_after=$2 ;;
	--keep-days) keep_days=$2 ;;
	--keep-free) keep_free=$2 ;;
	--retry-after) retry_after=$2 ;;
	*) fail "$1: no such option" ;;
	esac
	shift 2
done

# shellcheck source=/dev/null
. "$prefix/etc/tradewind/host.env"
: "${TRADEWIND_ARCHIVE_BUCKET:?host.env names no archive}" "${TRADEWIND_HOST:?}" "${AWS_REGION:?}"
# One attempt: those below wait longer, and say what happened.
export AWS_MAX_ATTEMPTS=1
records=/var/lib/tradewind/records
state=$prefix/var/lib/tradewind/archive
metrics=$prefix/var/lib/tradewind/metrics/archive.prom
umask 0027
mkdir -p "$state/logs" "$state/rotated"
exec 9>"$state/lock"
flock --nonblock 9 || fail 'another run is under way'
work=$(mktemp -d "${RUNTIME_DIRECTORY:-/tmp}/archive.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Debian 12 has a command line from before S3 knew this. Without it, what is there gets another version with the same
# content, in a bucket that keeps all: still nothing is written over.
only_new=(--if-none-match '*')
now=$(date +%s)
failures=0
backlog_files=0
backlog_bytes=0
oldest=0

# A record that could not be shipped is told of, and the next one tried; a service that is away is not asked for ever.
failed() {
	printf 'archive-records: %s\n' "$*" >&2
	failures=$((failures + 1))
}

waiting() { # bytes since
	backlog_files=$((backlog_files + 1))
	backlog_bytes=$((backlog_bytes + $1))
	[ $((now - $2)) -le "$oldest" ] || oldest=$((now - $2))
}

digest() { sha256sum "$@" | cut -c 1-64; }

# Succeeds when the archive has the file's content under the key. 412: there is an object, and its name is its digest,
# which S3 checked when a run that was cut short put it there.
put() { # file key sha256
	local sum answer attempt delay=$retry_after escaped='' i
	for ((i = 0; i < 64; i += 2)); do escaped+="\\x${3:i:2}"; done
	sum=$(printf '%b' "$escaped" | base64 --wrap 0)
	for ((attempt = 1; ; attempt++)); do
		if answer=$(aws s3api put-object --region "$AWS_REGION" --bucket "$TRADEWIND_ARCHIVE_BUCKET" --key "$2" --body "$1" \
			--checksum-algorithm SHA256 --checksum-sha256 "$sum" "${only_new[@]}" --cli-connect-timeout 10 \
			--cli-read-timeout 120 --query ChecksumSHA256 --output text 2>"$work/error"); then
			[ "$answer" != "$sum" ] || return 0
			failed "$2: the archive answered with checksum $answer, not $sum"
			return 1
		fi
		! grep -q PreconditionFailed "$work/error" || return 0
		if [ ${#only_new[@]} -gt 0 ] && grep -q 'Unknown options:.*--if-none-match' "$work/error"; then
			only_new=()
			continue
		fi
		if [ "$attempt" -ge "$most_attempts" ]; then
			failed "$2: $(tr -s '\n' ' ' <"$work/error")"
			return 1
		fi
		sleep "$delay"
		delay=$((delay * 2))
	done
}

# Whole or not at all, and on the device before it counts.
confirm() { # mark line
	{
		[ ! -s "$1" ] || cat "$1"
		[ -z "$2" ] || printf '%s\n' "$2"
	} >"$1.new" && sync "$1.new" && mv "$1.new" "$1" && sync "$(dirname "$1")"
}

# The engine names the log it writes for as long as it runs.
is_open() { # name
	grep -qxF "TRADEWIND_SESSION__RECORD_TO=$records/$1" "$prefix/run/tradewind/record.env" 2>/dev/null
}

ship_log() { # file
	local name=${1##*/} mark size shipped since piece sum day
	mark=$state/logs/$name
	[ -e "$mark" ] || confirm "$mark" '' || true
	size=$(stat --format %s "$1")
	shipped=$(confirmed "$mark")
	since=$(stat --format %Y "$mark" 2>/dev/null || stat --format %Y "$1")
	# Its day is that of its name, so that a piece has one name whenever it is shipped.
	[[ $name =~ ^events-([0-9]{4})([0-9]{2})([0-9]{2})T ]] || return 0
	day=${BASH_REMATCH[1]}/${BASH_REMATCH[2]}/${BASH_REMATCH[3]}
	while [ "$shipped" -lt "$size" ]; do
		piece=$((size - shipped))
		if [ "$piece" -ge "$piece_bytes" ]; then
			piece=$piece_bytes
		elif is_open "$name" && [ $((now - since)) -lt "$open_after" ]; then
			waiting "$piece" "$since"
			return
		fi
		dd if="$1" of="$work/piece" bs=1M iflag=skip_bytes,count_bytes skip="$shipped" count="$piece" status=none
		sum=$(digest "$work/piece")
		if [ "$failures" -ge "$most_failures" ] ||
			! put "$work/piece" "$(printf 'hosts/%s/%s/%s.%015d.%s' "$TRADEWIND_HOST" "$day" "$name" "$shipped" "$sum")" "$sum"; then
			waiting "$((size - shipped))" "$since"
			return
		fi
		if ! confirm "$mark" "$shipped $piece $sum" 2>"$work/error"; then
			failed "$name: shipped, which could not be noted: $(tr -s '\n' ' ' <"$work/error")"
			waiting "$((size - shipped))" "$since"
			return
		fi
		shipped=$((shipped + piece))
	done
}

# Bytes of a log that are in the archive.
confirmed() { # mark
	awk '{ bytes = $1 + $2 } END { printf "%.0f\n", bytes }' "$1" 2>/dev/null || echo 0
}

ship_rotated() { # file
	local name sum day since
	# The number shifts with every rotation: it is no part of the name.
	name=$(sed -E 's/\.[0-9]+(\.gz)?$/\1/' <<<"${1##*/}")
	# Rotated on meanwhile: the next run finds it under its next number.
	sum=$(digest "$1" 2>/dev/null) && since=$(stat --format %Y "$1" 2>/dev/null) && day=$(date -u -d "@$since" +%Y/%m/%d) || return 0
	if [ -e "$state/rotated/$sum" ]; then
		touch "$state/rotated/$sum" || true
		return
	fi
	if [ "$failures" -ge "$most_failures" ] || ! put "$1" "hosts/$TRADEWIND_HOST/$day/$name.$sum" "$sum"; then
		waiting "$(stat --format %s "$1" 2>/dev/null || echo 0)" "$since"
	elif ! confirm "$state/rotated/$sum" "$name" 2>"$work/error"; then
		failed "$name: shipped, which could not be noted: $(tr -s '\n' ' ' <"$work/error")"
	fi
}

free_percent() {
	df --output=avail,size "$prefix$records" | awk 'NR == 2 { print int($1 * 100 / $2) }'
}

# A log may go when it is byte for byte what was confirmed.
is_archived() { # file mark
	local offset length sum
	[ "$(stat --format %s "$1")" -eq "$(confirmed "$2")" ] && [ -s "$2" ] || return 1
	while read -r offset length sum; do
		[ "$(dd if="$1" bs=1M iflag=skip_bytes,count_bytes skip="$offset" count="$length" status=none | digest)" = "$sum" ] || return 1
	done <"$2"
}

make_room() {
	local file name
	while IFS= read -r file; do
		[ "$(free_percent)" -lt "$keep_free" ] || return 0
		name=${file##*/}
		if is_open "$name" || [ ! -s "$state/logs/$name" ]; then continue; fi
		if ! is_archived "$file" "$state/logs/$name"; then
			[ "$(stat --format %s "$file")" -gt "$(confirmed "$state/logs/$name")" ] ||
				failed "$name: is not what was archived under its name: left for a person to compare"
			continue
		fi
		rm -f "$file" && rm -f "$state/logs/$name"
		printf 'archive-records: %s is archived: deleted for its space\n' "$name"
	done < <(find "$prefix$records" -name 'events-*.log' ! -newermt "@$((now - keep_days * 86400))" -printf '%T@ %p\n' | sort -n | cut -d ' ' -f 2-)
}

for file in "$prefix$records"/events-*.log; do
	[ ! -f "$file" ] || ship_log "$file"
done
for file in "$prefix"/var/log/audit/audit.log.[0-9]* "$prefix"/var/log/tradewind/*.gz; do
	[ ! -f "$file" ] || ship_rotated "$file"
done
# Marks of what is gone for long.
find "$state/rotated" -type f -mtime +30 -delete
[ "$(free_percent)" -ge "$keep_free" ] || make_room
free=$(free_percent)

write_metrics() {
	while read -r name value; do
		printf '# TYPE tradewind_archive_%s gauge\ntradewind_archive_%s %s\n' "$name" "$name" "$value"
	done >"$metrics.new" && chmod 644 "$metrics.new" && mv "$metrics.new" "$metrics"
}
write_metrics <<END || failed "$metrics: cannot be written"
backlog_files $backlog_files
backlog_bytes $backlog_bytes
oldest_unshipped_seconds $oldest
failures $failures
volume_free_percent $free
END
[ "$failures" -eq 0 ]
