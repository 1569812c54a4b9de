#!/usr/bin/env bash
# Brings engine releases to this host and puts one in place. Used by the first boot and by every upgrade.
#
#   tradewind-release fetch available|current   download, verify and unpack what the parameter names; prints its version
#   tradewind-release activate VERSION          make it the one that starts next, with its units and settings
#   tradewind-release rollback                  back to the one before, with its units and settings
#   tradewind-release shadow VERSION|off        make it the one that runs beside the live engine
#   tradewind-release status                    one line of JSON
#   tradewind-release prune                     remove releases that are neither current, previous nor shadow
#
# It starts and stops nothing. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such parameter yet.
set -euo pipefail
# Everybody may read a release, whatever the caller's mask.
umask 022

prefix=${TRADEWIND_ROOT:-}
base=$prefix/opt/tradewind
etc=$prefix/etc/tradewind
shadow_data=/var/lib/tradewind/shadow
# shellcheck source=/dev/null
. "$etc/host.env"

fail() {
  printf 'tradewind-release: %s\n' "$*" >&2
  exit 1
}

# Again for about a minute: at boot, name resolution and credentials may come late.
retry() {
  local delay=1
  until "$@"; do
    [ "$delay" -le 32 ] || fail "gave up: $*"
    sleep "$delay"
    delay=$((delay * 2))
  done
}

# Prints None when there is no such parameter: unlike get-parameter, which then fails as it does without a network.
parameter() {
  aws ssm get-parameters --region "$AWS_REGION" --names "/tradewind/$TRADEWIND_ENVIRONMENT/release/$1" \
    --query 'Parameters[0].Value' --output text
}

# The first boot has no Node yet; cloud-init brings Python everywhere.
member() {
  python3 -c '
import json, re, sys
value = json.load(sys.stdin).get(sys.argv[1])
if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+/-]*", value):
    sys.exit("tradewind-release: the pointer has no usable " + sys.argv[1])
print(value)' "$1"
}

# Every file is there as its list of checksums says. A release may be damaged where the power went while it was written.
whole() {
  [ -f "$1/RELEASE.json" ] && python3 -c '
import hashlib, json, pathlib, sys
root = pathlib.Path(sys.argv[1])
files = json.loads((root / "RELEASE.json").read_bytes())["files"]
sys.exit(any(hashlib.sha256((root / path).read_bytes()).hexdigest() != sum for path, sum in files.items()))' "$1" 2>/dev/null
}

# One at a time: a first boot, an upgrade and a person may come together.
alone() {
  mkdir -p "$base"
  exec 8>"$base/.lock"
  flock --wait 900 8 || fail "another run has been under way for 15 minutes"
}

version_of() {
  local target
  target=$(readlink "$base/$1" || true)
  printf '%s' "${target##*/}"
}

known() {
  [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || fail "\"$1\" is no version"
  [ -f "$base/releases/$1/RELEASE.json" ] || fail "$1 is not on this host: tradewind-release fetch available"
}

fetch() {
  case $1 in available | current) ;; *) usage ;; esac
  local pointer version bucket key sha256
  pointer=$(retry parameter "$1")
  [ "$pointer" != None ] || exit 3
  version=$(member version <<<"$pointer")
  bucket=$(member bucket <<<"$pointer")
  key=$(member key <<<"$pointer")
  sha256=$(member sha256 <<<"$pointer")
  mkdir -p "$base/releases"
  # Of runs that were cut off.
  rm -rf "$base/releases"/.fetch.*
  if ! whole "$base/releases/$version"; then
    work=$(mktemp -d "$base/releases/.fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    retry aws s3 cp --region "$AWS_REGION" --only-show-errors "s3://$bucket/$key" "$work/release.tar.gz" >&2
    printf '%s  %s\n' "$sha256" "$work/release.tar.gz" | sha256sum --check --status ||
      fail "s3://$bucket/$key is not the release that was deployed: its SHA-256 is not $sha256"
    mkdir "$work/release"
    tar --extract --gzip --no-same-owner --file "$work/release.tar.gz" --directory "$work/release"
    # Whole or not at all, also where the power goes: on the device before it has its name.
    sync --file-system "$work/release"
    [ ! -e "$base/releases/$version" ] || mv -T "$base/releases/$version" "$work/damaged"
    mv -T "$work/release" "$base/releases/$version"
  fi
  printf '%s\n' "$version"
}

# The units, settings and this very program are the release's; its configuration goes forward and back with it.
settle() {
  local release=$base/current
  [ ! -f "$release/engine.yaml" ] || ln -sfn /opt/tradewind/current/engine.yaml "$etc/engine.yaml"
  install -D -m 755 "$release/delivery/tradewind-release.sh" "$prefix/usr/local/sbin/.tradewind-release.new"
  mv "$prefix/usr/local/sbin/.tradewind-release.new" "$prefix/usr/local/sbin/tradewind-release"
  "$release/host/bootstrap.sh" --role "$TRADEWIND_HOST" --release "$(readlink -f "$release")" \
    ${prefix:+--root "$prefix" --skip-packages} >&2
}

activate() {
  known "$1"
  "$base/releases/$1/host/bin/activate-release.sh" ${prefix:+--root "$prefix"} "$1"
  settle
}

rollback() {
  [ -L "$base/current" ] || fail "no release is active on this host"
  "$base/current/host/bin/activate-release.sh" ${prefix:+--root "$prefix"} --rollback
  settle
}

shadow() {
  if [ "$1" = off ]; then
    rm -f "$base/shadow" "$etc/shadow.yaml"
    return
  fi
  known "$1"
  "$base/releases/$1/host/bin/activate-release.sh" ${prefix:+--root "$prefix"} --shadow "$1"
  rm -f "$prefix$shadow_data/events.log"
  node "$base/shadow/delivery/shadow.mjs" config "$base/shadow/engine.yaml" "$etc/shadow.yaml" \
    --folder "$shadow_data" --record "$shadow_data/events.log"
}

status() {
  printf '{"current":"%s","previous":"%s","shadow":"%s"}\n' \
    "$(version_of current)" "$(version_of previous)" "$(version_of shadow)"
}

prune() {
  local folder version
  for folder in "$base/releases"/*/; do
    version=$(basename "$folder")
    case $version in
    "$(version_of current)" | "$(version_of previous)" | "$(version_of shadow)") ;;
    *) rm -rf "$folder" ;;
    esac
  done
}

usage() {
  sed -n 's/^#   tradewind-release/usage: tradewind-release/p' "$0" >&2
  exit 2
}

case "${1-} $#" in
'fetch 2') alone && fetch "$2" ;;
'activate 2') alone && activate "$2" ;;
'rollback 1') alone && rollback ;;
'shadow 2') alone && shadow "$2" ;;
'status 1') status ;;
'prune 1') alone && prune ;;
*) usage ;;
esac
