#!/usr/bin/env bash
# Lets the engine leave by the address that moves between two hosts. The Elastic IP a venue has whitelisted hangs on that
# secondary address; a flow from the host's own first address has no way out at all. Only what the engine's user sends is
# turned, so that the agent and the system keep theirs. Without TRADEWIND_FLOATING_IP in host.env there is nothing to do.
#
#   floating-address.sh up | down
set -euo pipefail

prefix=${TRADEWIND_ROOT:-}
user=${TRADEWIND_USER:-tradewind}
# One number for the routing table and for both rules, which are looked at before the main table (32766).
number=7400

fail() {
	# The journal takes the number for a priority: error.
	printf '<3>floating-address: %s\n' "$*" >&2
	exit 1
}

[ -r "$prefix/etc/tradewind/host.env" ] || exit 0
# shellcheck source=/dev/null
. "$prefix/etc/tradewind/host.env"
address=${TRADEWIND_FLOATING_IP:-}
[ -n "$address" ] || exit 0

unset_rules() {
	while ip -4 rule delete priority "$number" 2>/dev/null; do :; done
	while ip -4 rule delete priority "$((number + 1))" 2>/dev/null; do :; done
}

case ${1:-} in
up)
	uid=$(id -u "$user") || fail "there is no user $user"
	read -r _ _ gateway _ interface _ < <(ip -4 route show default) || fail "there is no default route to leave by"
	ip -4 address replace "$address/32" dev "$interface"
	ip -4 route replace default via "$gateway" dev "$interface" src "$address" table "$number"
	unset_rules
	# What lies in the subnet is reached as ever; everything else by the table above.
	ip -4 rule add priority "$number" uidrange "$uid-$uid" lookup main suppress_prefixlength 0
	ip -4 rule add priority "$((number + 1))" uidrange "$uid-$uid" lookup "$number"
	;;
down)
	unset_rules
	ip -4 route flush table "$number" 2>/dev/null || true
	;;
*)
	fail "usage: floating-address.sh up | down"
	;;
esac
