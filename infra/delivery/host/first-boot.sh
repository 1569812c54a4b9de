#!/usr/bin/env bash
# Runs on a new host, by cloud-init: fetches the release and lets it make the machine a trading host. Running it again
# changes nothing that is done.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/tradewind/host.env

if ! command -v aws >/dev/null; then
  # Amazon Linux brings it; packages of both come from S3 of the Region or a mirror the network allows.
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends awscli
fi

sed -i "s/@instanceId@/$(cat /var/lib/cloud/data/instance-id)/" /etc/tradewind/agent.json

# What the other host runs; in a new environment, what was deployed.
version=$(tradewind-release fetch current) || {
  [ $? -eq 3 ] || exit 1
  version=$(tradewind-release fetch available)
}
release=/opt/tradewind/releases/$version

# The volume is attached after the launch, and packages may not be reachable in the first minute.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if "$release/host/bootstrap.sh" --role "$TRADEWIND_HOST" --profile "$TRADEWIND_PROFILE" \
    --environment "$TRADEWIND_ENVIRONMENT" --data-volume "$TRADEWIND_JOURNAL_VOLUME" --release "$release"; then
    break
  fi
  [ "$attempt" -lt 10 ] || exit 1
  sleep 30
done
tradewind-release activate "$version"

# At boot `tradewind-tune` makes the settings that need a reboot, and everything starts in its order.
systemctl reboot
