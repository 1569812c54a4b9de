#!/bin/bash
# Runs once on a new host, by cloud-init: Node, the journal volume, the release, the settings of the host. Running it again
# changes nothing that is done.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/tradewind/host.env

fail() {
  echo "tradewind first boot: $*" >&2
  exit 1
}

retry() {
  local delay=1
  until "$@"; do
    [ "$delay" -le 64 ] || fail "gave up: $*"
    sleep "$delay"
    delay=$((delay * 2))
  done
}

install_packages() {
  if command -v dnf >/dev/null; then
    # Amazon Linux serves its packages from S3 of the Region, through the gateway endpoint.
    retry dnf install -y nodejs22 awscli-2 xfsprogs tar gzip
    [ -x /usr/bin/node ] || ln -s /usr/bin/node-22 /usr/bin/node
  else
    export DEBIAN_FRONTEND=noninteractive
    retry apt-get update
    retry apt-get install -y --no-install-recommends nodejs awscli xfsprogs tar gzip ca-certificates
  fi
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node 20.19 or later is needed, this image brings $(node --version); use Amazon Linux 2023 or Debian 13"
}

# The volume outlives hosts: it is formatted only when it was never used.
mount_journal() {
  local device="/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${TRADEWIND_JOURNAL_VOLUME/-/}"
  for ((waited = 0; waited < 600; waited++)); do
    [ ! -e "$device" ] || break
    sleep 1
  done
  [ -e "$device" ] || fail "journal volume $TRADEWIND_JOURNAL_VOLUME was not attached within ten minutes"
  case "$(blkid -o value -s TYPE "$device" || true)" in
    '') mkfs.xfs -L tradewind "$device" ;;
    xfs) ;;
    *) fail "journal volume $TRADEWIND_JOURNAL_VOLUME holds no xfs file system and is not touched" ;;
  esac
  mkdir -p /var/lib/tradewind
  grep -q ' /var/lib/tradewind ' /etc/fstab ||
    echo 'LABEL=tradewind /var/lib/tradewind xfs defaults,noatime,nodev,nosuid,noexec,nofail 0 2' >>/etc/fstab
  mountpoint -q /var/lib/tradewind || mount /var/lib/tradewind
}

install_packages
mount_journal
sed -i "s/@instanceId@/$(cat /var/lib/cloud/data/instance-id)/" /etc/tradewind/agent.json

# What the other host runs; in a new environment, what was deployed.
version="$(tradewind-release fetch current)" || {
  [ $? = 3 ] || fail 'no release could be installed'
  version="$(tradewind-release fetch available)"
}
tradewind-release activate "$version"
/opt/tradewind/current/host/bootstrap.sh --profile "$TRADEWIND_PROFILE" --host "$TRADEWIND_HOST"
