#!/usr/bin/env bash
# Asks for the Prometheus workspace of this environment and has the CloudWatch agent send this host's metrics there.
# Running it again changes nothing that is right. Exit codes: 0 done, 1 not yet, or failed.
#
#   find-prometheus.sh
set -euo pipefail

prefix=${TRADEWIND_ROOT:-}
agent=$prefix/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d
files=$(cd "$(dirname "${BASH_SOURCE[0]}")/../files" && pwd)
# shellcheck source=/dev/null
. "$prefix/etc/tradewind/host.env"
: "${TRADEWIND_PROMETHEUS_PARAMETER:?host.env names no parameter}" "${TRADEWIND_ENVIRONMENT:?}" "${TRADEWIND_HOST:?}"

fail() {
	printf 'find-prometheus: %s\n' "$*" >&2
	exit 1
}

[ -d "$(dirname "$agent")" ] || fail 'the CloudWatch agent is not installed'
workspace=$(aws ssm get-parameters --region "$AWS_REGION" --names "$TRADEWIND_PROMETHEUS_PARAMETER" \
	--query 'Parameters[0].Value' --output text)
[ "$workspace" != None ] || fail "$TRADEWIND_PROMETHEUS_PARAMETER: no such parameter yet"
[[ $workspace =~ ^ws-[0-9A-Za-z-]+$ ]] || fail "$TRADEWIND_PROMETHEUS_PARAMETER: \"$workspace\" is no id of a workspace"

changed=no
install_changed() { # source target
	local text
	text=$(sed "s/@environment@/$TRADEWIND_ENVIRONMENT/g; s/@host@/$TRADEWIND_HOST/g; s/@workspace@/$workspace/g" "$1")
	[ "$text" != "$(cat "$2" 2>/dev/null)" ] || return 0
	changed=yes
	# The agent passes over names that end in .tmp.
	printf '%s\n' "$text" >"$2.tmp"
	mv "$2.tmp" "$2"
}

mkdir -p "$agent"
install_changed "$files/prometheus.yaml" "$prefix/etc/tradewind/prometheus.yaml"
install_changed "$files/cloudwatch-agent-prometheus.json" "$agent/tradewind-prometheus.json"
[ "$changed" = no ] || systemctl restart amazon-cloudwatch-agent.service
printf 'find-prometheus: metrics of %s go to %s\n' "$TRADEWIND_HOST" "$workspace"
