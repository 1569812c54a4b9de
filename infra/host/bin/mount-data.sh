#!/usr/bin/env bash
# Mounts the data volume at /var/lib/tradewind, found by the id its NVMe controller gives, whatever its device is called.
# A volume is given a file system only when it holds nothing at all; anything found on it is left as it is.
#
#   mount-data.sh --volume vol-0123456789abcdef0 [--root PREFIX] [--wait SECONDS] [--dry-run]
set -euo pipefail

mount_point=/var/lib/tradewind
label=tradewind-data
prefix=
volume=
wait=60
dry_run=no

fail() {
	printf 'mount-data: %s\n' "$*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case $1 in
	--volume | --root | --wait)
		[ $# -ge 2 ] || fail "$1: needs a value"
		case $1 in
		--volume) volume=$2 ;;
		--root) prefix=${2%/} ;;
		--wait) wait=$2 ;;
		esac
		shift 2
		;;
	--dry-run) dry_run=yes && shift ;;
	*) fail "$1: no such option" ;;
	esac
done
[[ $volume =~ ^vol-[0-9a-f]{8,17}$ ]] || fail "--volume: \"$volume\" is no EBS volume id such as vol-0123456789abcdef0"
[[ $wait =~ ^[0-9]{1,4}$ ]] || fail "--wait: \"$wait\" is no number of seconds"

# EBS writes the id without its dash into the controller's serial number.
link=$prefix/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume/-/}
for ((waited = 0; ; waited++)); do
	[ ! -e "$link" ] || break
	[ "$waited" -lt "$wait" ] || fail "$link: did not appear within $wait s: is $volume attached?"
	sleep 1
done
device=$(readlink -f "$link")

# blkid: 0 something is there, 2 nothing is; 8 it cannot tell, which is as good as something.
found=$(blkid -p -o export "$device") && status=0 || status=$?
case $status in
0)
	type=$(sed -n 's/^TYPE=//p' <<<"$found")
	[ -n "$type" ] || fail "$device holds $(tr '\n' ' ' <<<"$found")but no file system: left alone; empty it by hand if it may go"
	;;
2)
	# blkid looks at signatures: a volume with other bytes at its beginning is somebody's too.
	if [ -n "$(head -c 1048576 "$device" | tr -d '\0' | head -c 1)" ]; then
		fail "$device holds data of a form that is not known: left alone; empty it by hand if it may go"
	fi
	if [ "$dry_run" = yes ]; then
		printf 'would    format %s (%s), which is empty\n' "$device" "$volume"
		exit 0
	fi
	mkfs.ext4 -q -F -L "$label" "$device"
	printf 'changed  %s (%s) was empty: formatted\n' "$device" "$volume"
	;;
*) fail "$device: blkid failed with $status: left alone" ;;
esac

uuid=$(blkid -p -s UUID -o value "$device")
type=$(blkid -p -s TYPE -o value "$device")
# nofail: a host without its data must still come up to be repaired; the units require the mount. A volume may be attached
# late, when a host is replaced: what needs it waits, as what has failed would not be started when it comes.
entry="UUID=$uuid $mount_point $type noatime,nodev,nosuid,noexec,nofail,x-systemd.device-timeout=infinity 0 2"
fstab=$prefix/etc/fstab
if ! grep -qxF "$entry" "$fstab" 2>/dev/null; then
	if [ "$dry_run" = yes ]; then
		printf 'would    add to /etc/fstab: %s\n' "$entry"
	else
		others=$(grep -v "[[:space:]]${mount_point}[[:space:]]" "$fstab" 2>/dev/null || true)
		printf '%s\n' ${others:+"$others"} "$entry" >"$fstab.new"
		chmod 644 "$fstab.new"
		mv "$fstab.new" "$fstab"
		printf 'changed  /etc/fstab: %s at %s\n' "$volume" "$mount_point"
	fi
fi
if [ -n "$prefix" ] || [ "$dry_run" = yes ] || mountpoint -q "$mount_point"; then exit 0; fi
mkdir -p "$mount_point"
systemctl daemon-reload
mount "$mount_point"
printf 'changed  %s mounted at %s\n' "$volume" "$mount_point"
