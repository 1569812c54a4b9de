#!/usr/bin/env bash
# Runs on a new host: fetches the release and lets it make the machine a trading host. Its unit begins it again until it is
# done, as the release, the packages and the volume, which is attached after the launch, may be out of reach for long. It
# changes nothing that is done.
set -euo pipefail

prefix=${TRADEWIND_ROOT:-}
etc=$prefix/etc/tradewind
# shellcheck source=/dev/null
. "$etc/host.env"

if ! command -v aws >/dev/null; then
  # Amazon Linux brings it.
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends awscli
fi

sed -i "s/@instanceId@/$(cat "$prefix/var/lib/cloud/data/instance-id")/" "$etc/agent.json"

# What the other host runs; in a new environment, what was deployed.
release="$prefix/usr/local/sbin/tradewind-release"
version=$("$release" fetch current) || {
  [ $? -eq 3 ] || exit 1
  version=$("$release" fetch available)
}
folder=$prefix/opt/tradewind/releases/$version

"$folder/host/bootstrap.sh" --role "$TRADEWIND_HOST" --profile "$TRADEWIND_PROFILE" \
  --environment "$TRADEWIND_ENVIRONMENT" --data-volume "$TRADEWIND_JOURNAL_VOLUME" --release "$folder" \
  ${prefix:+--root "$prefix" --skip-packages}
"$release" activate "$version"
touch "$etc/first-boot-done"
sync

# At boot `tradewind-tune` makes the settings that need it, and everything starts in its order. Where it ran already, this
# was cut off and the host has booted since: nothing that may trade by now is rebooted.
systemctl --quiet is-active tradewind-tune.service || systemctl reboot
