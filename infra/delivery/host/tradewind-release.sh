#!/bin/bash
# Installs engine releases on this host and says which one runs. Used by the first boot and by every upgrade.
#
#   tradewind-release fetch available|current   download, verify and unpack what the parameter names; prints its version
#   tradewind-release activate <version>        make it the one that starts next; the one before becomes `previous`
#   tradewind-release rollback                  go back to `previous`
#   tradewind-release shadow <version>|off      make it the one that runs beside the live engine
#   tradewind-release status                    one line of JSON
#   tradewind-release prune                     remove releases that are neither current, previous nor shadow
#
# It starts and stops nothing. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such parameter yet.
set -euo pipefail

ROOT="${TRADEWIND_ROOT:-}"
OPT="$ROOT/opt/tradewind"
ETC="$ROOT/etc/tradewind"
# shellcheck source=/dev/null
. "$ETC/host.env"

fail() {
  echo "tradewind-release: $*" >&2
  exit 1
}

# Tries again for about two minutes: at boot, name resolution and credentials may come late.
retry() {
  local delay=1
  until "$@"; do
    [ "$delay" -le 32 ] || fail "gave up: $*"
    echo "tradewind-release: again in $delay s: $1 $2" >&2
    sleep "$delay"
    delay=$((delay * 2))
  done
}

json() { node -e 'const v = JSON.parse(require("fs").readFileSync(0, "utf8"))[process.argv[1]]; if (typeof v !== "string" || v === "") { console.error(`tradewind-release: the pointer has no ${process.argv[1]}`); process.exit(1); } process.stdout.write(v);' "$1"; }

# Prints None when there is no such parameter: unlike get-parameter, which fails as it does without a network.
parameter() { aws ssm get-parameters --region "$AWS_REGION" --names "/tradewind/$TRADEWIND_ENVIRONMENT/release/$1" --query 'Parameters[0].Value' --output text; }

version_of() { [ -L "$OPT/$1" ] && basename "$(readlink "$OPT/$1")" || true; }

# Replaces a link in one step: there is never a moment without one.
point() {
  ln -sfn "releases/$2" "$OPT/.$1.next"
  mv -T "$OPT/.$1.next" "$OPT/$1"
}

known() {
  case "$1" in '' | */* | .*) fail "'$1' is no version" ;; esac
  [ -f "$OPT/releases/$1/RELEASE.json" ] || fail "$1 is not installed; run: tradewind-release fetch available"
}

fetch() {
  case "$1" in available | current) ;; *) usage ;; esac
  local pointer version bucket key sha256 work
  pointer="$(retry parameter "$1")"
  [ "$pointer" != None ] || exit 3
  version="$(json version <<<"$pointer")"
  bucket="$(json bucket <<<"$pointer")"
  key="$(json key <<<"$pointer")"
  sha256="$(json sha256 <<<"$pointer")"
  if [ ! -f "$OPT/releases/$version/RELEASE.json" ]; then
    mkdir -p "$OPT/releases"
    work="$(mktemp -d "$OPT/releases/.fetch.XXXXXX")"
    # shellcheck disable=SC2064 # the folder of this very call
    trap "rm -rf '$work'" EXIT
    retry aws s3 cp --region "$AWS_REGION" --only-show-errors "s3://$bucket/$key" "$work/release.tar.gz" >&2
    echo "$sha256  $work/release.tar.gz" | sha256sum --check --quiet >&2 || fail "s3://$bucket/$key is not the release that was deployed"
    mkdir "$work/release"
    tar -xzf "$work/release.tar.gz" -C "$work/release" --no-same-owner
    json engineConfig <<<"$pointer" >"$work/release/engine.yaml"
    chmod -R u=rwX,go=rX "$work/release"
    # Whole or not at all.
    mv -T "$work/release" "$OPT/releases/$version"
    rm -rf "$work"
    trap - EXIT
  fi
  echo "$version"
}

activate() {
  known "$1"
  local now
  now="$(version_of current)"
  if [ "$now" != "$1" ]; then
    [ -z "$now" ] || point previous "$now"
    point current "$1"
  fi
  mkdir -p "$ETC"
  # The configuration belongs to the release: they go forward and back together.
  ln -sfn "$OPT/current/engine.yaml" "$ETC/engine.yaml"
  install -m 755 "$OPT/current/delivery/tradewind-release.sh" "$ROOT/usr/local/sbin/.tradewind-release.next"
  mv "$ROOT/usr/local/sbin/.tradewind-release.next" "$ROOT/usr/local/sbin/tradewind-release"
}

rollback() {
  local before
  before="$(version_of previous)"
  [ -n "$before" ] || fail 'no previous release on this host'
  activate "$before"
}

shadow() {
  if [ "$1" = off ]; then
    rm -f "$OPT/shadow" "$ETC/shadow.yaml"
    return
  fi
  known "$1"
  point shadow "$1"
  # Orders are simulated whatever the configuration says, and the live engine's records are not touched.
  node "$OPT/shadow/delivery/shadow-config.mjs" "$OPT/shadow/engine.yaml" "$ETC/shadow.yaml"
}

status() {
  printf '{"current":"%s","previous":"%s","shadow":"%s"}\n' "$(version_of current)" "$(version_of previous)" "$(version_of shadow)"
}

prune() {
  local folder version
  for folder in "$OPT/releases"/*/; do
    version="$(basename "$folder")"
    case "$version" in "$(version_of current)" | "$(version_of previous)" | "$(version_of shadow)") ;; *) rm -rf "$folder" ;; esac
  done
}

usage() {
  sed -n 's/^#   tradewind-release/usage: tradewind-release/p' "$0" >&2
  exit 2
}

case "${1-} $#" in
  'fetch 2') fetch "$2" ;;
  'activate 2') activate "$2" ;;
  'rollback 1') rollback ;;
  'shadow 2') shadow "$2" ;;
  'status 1') status ;;
  'prune 1') prune ;;
  *) usage ;;
esac
