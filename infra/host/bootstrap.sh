#!/usr/bin/env bash
# Makes a Debian 12 or Amazon Linux 2023 machine a trading host. Running it again changes nothing that is right already.
#
#   bootstrap.sh --role single|primary|standby [--profile audited|max-speed] [--release DIR] [--data-volume ID]
#                [--environment NAME] [--allow-ssh-from CIDR] [--root PREFIX] [--skip-packages] [--reboot] [--dry-run]
#
# Users, folders, packages, the data volume, units and the release are this script's; every setting of the kernel, the
# network card, the clock, the firewall, auditing and logs is `tradewind host tune`'s, run from the release at the end.
set -euo pipefail

host_files=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=
role=
profile=
release=
environment=
volume=
ssh_from=
packages=yes
reboot=no
dry_run=no
changes=0

fail() {
	printf 'bootstrap: %s\n' "$*" >&2
	exit 1
}

say() { printf '%s\n' "$*"; }

# Counts and tells a change; succeeds when it is to be made.
changing() {
	changes=$((changes + 1))
	if [ "$dry_run" = yes ]; then
		say "would    $*"
		return 1
	fi
	say "changed  $*"
}

usage() {
	sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

while [ $# -gt 0 ]; do
	case $1 in
	--role | --profile | --release | --environment | --data-volume | --allow-ssh-from | --root)
		[ $# -ge 2 ] || fail "$1: needs a value"
		case $1 in
		--role) role=$2 ;;
		--profile) profile=$2 ;;
		--release) release=$2 ;;
		--environment) environment=$2 ;;
		--data-volume) volume=$2 ;;
		--allow-ssh-from) ssh_from=$2 ;;
		--root) prefix=$2 ;;
		esac
		shift 2
		;;
	--skip-packages) packages=no && shift ;;
	--reboot) reboot=yes && shift ;;
	--dry-run) dry_run=yes && shift ;;
	-h | --help) usage && exit 0 ;;
	*) fail "$1: no such option; --help lists them" ;;
	esac
done

case $role in
single | primary | standby) ;;
'') fail '--role: say single (no lease agent), primary or standby' ;;
*) fail "--role: \"$role\" is none: use single, primary or standby" ;;
esac
case $profile in
'' | audited | max-speed) ;;
*) fail "--profile: \"$profile\" is none: use audited or max-speed" ;;
esac
if [ -n "$ssh_from" ] && ! [[ $ssh_from =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?$ ]]; then
	fail "--allow-ssh-from: \"$ssh_from\" is no IPv4 address or range such as 192.0.2.0/24"
fi
if [ -n "$environment" ] && ! [[ $environment =~ ^[a-z][a-z0-9-]*$ ]]; then
	fail "--environment: \"$environment\" is no name: use lower-case letters, digits and -"
fi
if [ -n "$release" ] && [ ! -f "$release/RELEASE.json" ]; then
	fail "--release: $release holds no RELEASE.json: name the folder of an unpacked release"
fi
if [ -n "$prefix" ]; then
	[ -d "$prefix" ] || fail "--root: $prefix is no folder"
	prefix=$(cd "$prefix" && pwd)
	[ "$prefix" != / ] || prefix=
fi
[ -n "$prefix" ] || [ "$EUID" -eq 0 ] || fail 'must run as root; or name a folder with --root'

# shellcheck source=/dev/null
family=$(. "$prefix/etc/os-release" && printf ' %s %s ' "${ID:-}" "${ID_LIKE:-}") ||
	fail "$prefix/etc/os-release: cannot be read"
case $family in
*' amzn '*) family=amazon-linux ;;
*' debian '*) family=debian ;;
*) fail "$prefix/etc/os-release: neither Debian nor Amazon Linux:$family" ;;
esac

# --- steps ------------------------------------------------------------------------------------------------------------

# Runs a command of the machine: of this one, or within the root that stands for it.
inside() {
	if [ -n "$prefix" ]; then chroot "$prefix" "$@"; else "$@"; fi
}

install_packages() {
	local list missing=() name manager
	list=$host_files/packages-$family.txt
	[ "$family" = debian ] && manager=apt-get || manager=dnf
	if [ -n "$prefix" ] && { [ "$EUID" -ne 0 ] || [ ! -x "$prefix/usr/bin/$manager" ]; }; then
		say "packages: left alone, as $prefix has no $manager that could be run"
		return
	fi
	while read -r name; do
		if [ "$family" = debian ]; then
			# shellcheck disable=SC2016 # dpkg's own variable
			inside dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok installed' || missing+=("$name")
		else
			inside rpm -q --quiet "$name" || missing+=("$name")
		fi
	done <"$list"
	[ ${#missing[@]} -gt 0 ] || return 0
	changing "packages: ${missing[*]}" || return 0
	if [ "$family" = debian ]; then
		# In a root that is not running, no service may be started.
		[ -z "$prefix" ] || printf '#!/bin/sh\nexit 101\n' | install -m 755 /dev/stdin "$prefix/usr/sbin/policy-rc.d"
		inside apt-get -qq update
		DEBIAN_FRONTEND=noninteractive inside apt-get -qq install -y --no-install-recommends "${missing[@]}" >&2
		[ -z "$prefix" ] || rm -f "$prefix/usr/sbin/policy-rc.d"
	else
		inside dnf -q install -y "${missing[@]}" >&2
	fi
}

install_file() { # source target mode
	local target=$prefix$2
	if cmp -s "$1" "$target" && [ "$(stat -c %a "$target")" = "$3" ]; then return 0; fi
	changing "$2" || return 0
	install -D -m "$3" "$1" "$target"
}

install_text() { # text target mode
	local text
	text=$(mktemp)
	printf '%s\n' "$1" >"$text"
	install_file "$text" "$2" "$3"
	rm -f "$text"
}

remove_file() {
	[ -e "$prefix$1" ] || return 0
	changing "$1 removed" || return 0
	rm -f "$prefix$1"
}

owner_id() { # user|group name
	local base=passwd
	[ "$1" = user ] || base=group
	awk -F: -v name="$2" '$1 == name { print $3 }' "$prefix/etc/$base"
}

make_folder() { # path mode owner group
	local path=$prefix$1 user group
	user=$(owner_id user "$3")
	group=$(owner_id group "$4")
	[ "$EUID" -eq 0 ] || { user=$EUID && group=$(id -g); }
	if [ -d "$path" ] && [ "$(stat -c '%a %u %g' "$path")" = "$2 ${user:-?} ${group:-?}" ]; then return 0; fi
	changing "$1 ($3:$4 $2)" || return 0
	install -d -m "$2" "$path"
	[ "$EUID" -ne 0 ] || chown "$user:$group" "$path"
	chmod "$2" "$path"
}

make_user() {
	install_file "$host_files/files/sysusers.conf" /usr/lib/sysusers.d/tradewind.conf 644
	[ -z "$(owner_id user tradewind)" ] || return 0
	changing 'user tradewind' || return 0
	systemd-sysusers ${prefix:+--root="$prefix"} "$prefix/usr/lib/sysusers.d/tradewind.conf"
}

# One KEY=value of host.env; what else is there stays.
set_variable() {
	local file=$prefix/etc/tradewind/host.env
	if [ -f "$file" ] && grep -qxF "$1=$2" "$file"; then return 0; fi
	changing "host.env: $1=$2" || return 0
	touch "$file"
	local rest
	rest=$(grep -v "^$1=" "$file" || true)
	{
		[ -z "$rest" ] || printf '%s\n' "$rest"
		printf '%s=%s\n' "$1" "$2"
	} >"$file.new"
	chmod 644 "$file.new"
	mv "$file.new" "$file"
}

enable_for() { # variable unit
	if grep -qs "^$1=." "$prefix/etc/tradewind/host.env"; then enablement enable "$2"; else enablement disable "$2"; fi
}

enablement() { # enable|disable unit
	local wanted=no is=no
	[ "$1" = disable ] || wanted=yes
	[ -z "$(find "$prefix/etc/systemd/system" -path "*.wants/$2" 2>/dev/null)" ] || is=yes
	[ "$wanted" != "$is" ] || return 0
	changing "unit $2 ${1}d" || return 0
	systemctl --quiet ${prefix:+--root="$prefix"} "$1" "$2"
}

install_units() {
	local unit
	for unit in "$host_files"/units/*.service "$host_files"/units/*.timer; do
		install_file "$unit" "/etc/systemd/system/${unit##*/}" 644
	done
	install_file "$host_files/files/tmpfiles.conf" /usr/lib/tmpfiles.d/tradewind.conf 644
	local drop_in=/etc/systemd/system/tradewind-engine.service.d/10-single.conf
	if [ "$role" = single ]; then
		install_file "$host_files/units/single-host.conf" "$drop_in" 644
		enablement enable tradewind-engine.service
		enablement disable tradewind-agent.service
	else
		remove_file "$drop_in"
		enablement disable tradewind-engine.service
		enablement enable tradewind-agent.service
	fi
	for unit in tradewind-tune.service tradewind-clock.service tradewind-journal.service tradewind-verify.timer; do
		enablement enable "$unit"
	done
	enable_for TRADEWIND_ARCHIVE_BUCKET tradewind-archive.timer
	enable_for TRADEWIND_PROMETHEUS_PARAMETER tradewind-metrics.service
	enable_for TRADEWIND_PROMETHEUS_PARAMETER tradewind-prometheus.timer
}

release_version() {
	sed -n 's/^[[:space:]]*"version"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' "$1/RELEASE.json" | head -n 1
}

install_release() {
	local version target
	version=$(release_version "$release")
	[[ $version =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || fail "$release/RELEASE.json: \"version\" is missing or no name of a folder"
	target=/opt/tradewind/releases/$version
	if ! cmp -s "$release/RELEASE.json" "$prefix$target/RELEASE.json" && changing "$target"; then
		[ ! -e "$prefix$target" ] || fail "$target: another release has this version: give this one its own"
		# Copied under another name, so that a copy cut short is never taken for a release.
		rm -rf "$prefix$target.partial"
		cp -a "$release" "$prefix$target.partial"
		[ "$EUID" -ne 0 ] || chown -R 0:0 "$prefix$target.partial"
		mv "$prefix$target.partial" "$prefix$target"
	fi
	if [ "$(readlink "$prefix/opt/tradewind/current" || true)" != "releases/$version" ] && changing "current -> $version"; then
		"$host_files/bin/activate-release.sh" --root "$prefix/" "$version"
	fi
}

# The distribution's Node where it is new enough, else the one a release brings along.
require_node() {
	local node=$prefix/usr/bin/node
	node_program=$node
	if [ ! -e "$node" ] && [ -x "$prefix/usr/bin/node-22" ] && changing '/usr/bin/node -> node-22'; then ln -s node-22 "$node"; fi
	if [ -x "$node" ] && [ -z "$prefix" ] && node_is_new "$node"; then return 0; fi
	if [ -n "$release" ] && [ -x "$release/node/bin/node" ]; then
		local target=/opt/tradewind/current/node/bin/node
		[ "$(readlink "$node" || true)" = "$target" ] && return 0
		changing "/usr/bin/node -> $target" || return 0
		ln -sfn "$target" "$node"
		return 0
	fi
	if [ -n "$prefix" ]; then
		# Not run within the root: this machine's Node works on its files.
		node_program=$(command -v node) || fail 'node: needed here to work on a root; install Node 20.19 or newer'
		return 0
	fi
	fail 'node: /usr/bin/node is missing or older than 20.19: install it, or use a release that brings node/bin/node'
}

node_is_new() {
	"$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

mount_data() {
	local report options=()
	[ -z "$prefix" ] || options+=(--root "$prefix")
	[ "$dry_run" = no ] || options+=(--dry-run)
	report=$("$host_files/bin/mount-data.sh" --volume "$volume" "${options[@]}")
	[ -n "$report" ] || return 0
	say "$report"
	changes=$((changes + $(grep -c -E '^(changed|would) ' <<<"$report" || true)))
}

tune() {
	local engine=$prefix/opt/tradewind/current/engine/bin/tradewind.mjs report status=0 count
	if [ ! -e "$engine" ]; then
		say 'settings: not tuned, as there is no release yet; run again with --release'
		return 0
	fi
	if [ ! -e "$prefix/sys/devices/system/cpu/online" ]; then
		say 'settings: left to the first boot, as this is an image and no running machine'
		return 0
	fi
	if [ "$dry_run" = yes ]; then
		"$node_program" "$engine" host plan --root "$prefix/"
		return 0
	fi
	report=$("$node_program" "$engine" host tune --root "$prefix/") || status=$?
	say "$report"
	count=$(sed -n 's/^tune: \([0-9]*\) changes.*/\1/p' <<<"$report")
	changes=$((changes + ${count:-0}))
	[ "$status" -eq 0 ] || fail 'settings: some could not be made; see the lines that begin with FAILED'
	if [ "$reboot" = yes ] && [ -z "$prefix" ] && grep -q '^reboot ' <<<"$report"; then reboot=now; fi
}

[ "$packages" = no ] || install_packages
make_user
make_folder /etc/tradewind 755 root root
make_folder /etc/tradewind/nftables.d 750 root root
make_folder /opt/tradewind/releases 755 root root
[ -z "$volume" ] || mount_data
# The group writes too: the agent is root without the right to pass over permissions.
make_folder /var/lib/tradewind 770 tradewind tradewind
make_folder /var/lib/tradewind/metrics 775 tradewind tradewind
make_folder /var/lib/tradewind/shadow 770 tradewind tradewind
make_folder /var/lib/tradewind/records 770 tradewind tradewind
# What is confirmed is not the engine's to say.
make_folder /var/lib/tradewind/archive 750 root tradewind
make_folder /var/log/tradewind 750 tradewind tradewind
if [ "$role" = single ]; then set_variable TRADEWIND_HOST primary; else set_variable TRADEWIND_HOST "$role"; fi
[ -z "$profile" ] || set_variable TRADEWIND_PROFILE "$profile"
[ -z "$environment" ] || set_variable TRADEWIND_ENVIRONMENT "$environment"
if [ -n "$ssh_from" ]; then
	install_text "add rule inet tradewind allowed ip saddr $ssh_from tcp dport 22 accept" /etc/tradewind/nftables.d/10-ssh.nft 640
elif [ ! -e "$prefix/etc/tradewind/nftables.d/10-ssh.nft" ]; then
	say 'firewall: SSH stays closed; --allow-ssh-from opens it where there is no session manager'
fi
require_node
[ -z "$release" ] || install_release
install_units
if [ -z "$prefix" ] && [ "$dry_run" = no ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemd-tmpfiles --create /usr/lib/tmpfiles.d/tradewind.conf
fi
tune
if [ "$dry_run" = yes ]; then say "bootstrap: $changes changes to make"; else say "bootstrap: $changes changes"; fi
if [ "$reboot" = now ]; then
	say 'bootstrap: rebooting for the settings that need it'
	systemctl reboot
fi
