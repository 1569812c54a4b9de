#!/usr/bin/env bash
# Copies the journal as JSON lines into files that a log shipper can read: the engine's and the agent's into engine.json,
# everything else into host.json. Goes on where it stopped, also over boots.
#
#   ship-journal.sh FOLDER [--once]
set -euo pipefail

folder=${1:?usage: ship-journal.sh FOLDER [--once]}
once=${2:-}
every_seconds=2
umask 0027
cd "$folder"

while :; do
	# Without a cursor: this boot. A copy cut short is repeated from the last cursor: twice rather than never.
	since=()
	[ -s journal.cursor ] || since=(--boot)
	journalctl --quiet --no-pager --output=json --cursor-file=journal.cursor "${since[@]}" |
		awk '{ file = /"_SYSTEMD_UNIT":"tradewind-(engine|agent|shadow)\.service"/ ? "engine.json" : "host.json"; print >> file }'
	[ "$once" != --once ] || exit 0
	sleep "$every_seconds"
done
