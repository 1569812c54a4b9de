#!/usr/bin/env bash
# Runs on a new host, by cloud-init: fetches the release and lets it make the machine a trading host. Running it again
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

# The volume is attached after the launch, and packages may not be reachable in the first minutes.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if "$folder/host/bootstrap.sh" --role "$TRADEWIND_HOST" --profile "$TRADEWIND_PROFILE" \
    --environment "$TRADEWIND_ENVIRONMENT" --data-volume "$TRADEWIND_JOURNAL_VOLUME" --release "$folder" \
    ${prefix:+--root "$prefix" --skip-packages}; then
    break
  fi
  [ "$attempt" -lt 10 ] || exit 1
  sleep 30
done
"$release" activate "$version"

# At boot `tradewind-tune` makes the settings that need it, and everything starts in its order.
systemctl reboot
