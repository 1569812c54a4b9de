#!/usr/bin/env bash
# Puts an engine's trading thread on the isolated CPU and every other thread of it on the housekeeping ones. The kernel
# does not balance isolated CPUs: left alone, all threads would pile up on one.
#
#   pin-engine.sh PID [LAYOUT]
#
# LAYOUT (default /run/tradewind/cpu.env) is written by `tradewind host tune`. Without an isolated CPU nothing is done.
set -euo pipefail

pid=${1:?usage: pin-engine.sh PID [LAYOUT]}
layout=${2:-/run/tradewind/cpu.env}
quiet_polls=10
most_polls=150

if [ ! -r "$layout" ]; then
	echo "pin-engine: $layout: no such file; the engine's threads stay where they are" >&2
	exit 0
fi
# shellcheck source=/dev/null
. "$layout"
if [ -z "${TRADEWIND_TRADING_CPU:-}" ]; then
	echo 'pin-engine: no CPU is isolated here; the engine may use all' >&2
	exit 0
fi

# Threads inherit the CPUs of the one that makes them: first all to housekeeping, then, once no new ones appear, the
# trading thread (whose id is the process's) to its own.
count=-1
quiet=0
for ((poll = 0; poll < most_polls && quiet < quiet_polls; poll++)); do
	[ -d "/proc/$pid/task" ] || exit 0
	tasks=("/proc/$pid/task"/*)
	if [ ${#tasks[@]} -eq "$count" ]; then
		quiet=$((quiet + 1))
	else
		quiet=0
		count=${#tasks[@]}
		taskset --all-tasks --cpu-list --pid "$TRADEWIND_HOUSEKEEPING_CPUS" "$pid" >/dev/null || [ ! -d "/proc/$pid" ]
	fi
	sleep 0.1
done
taskset --cpu-list --pid "$TRADEWIND_TRADING_CPU" "$pid" >/dev/null
echo "pin-engine: trading thread $pid on CPU $TRADEWIND_TRADING_CPU, $((count - 1)) others on $TRADEWIND_HOUSEKEEPING_CPUS" >&2
