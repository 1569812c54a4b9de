#!/usr/bin/env bash
# Makes a release the active one, or goes back: one atomic switch of /opt/tradewind/current, which keeps `previous`.
#
#   activate-release.sh [--root PREFIX] [--shadow] VERSION
#   activate-release.sh [--root PREFIX] --rollback
#
# Refuses a release whose files are not exactly those of its RELEASE.json. Restarts nothing: who runs, and when, is the
# agent's or the person's who calls this. --shadow switches the release that runs beside the live one instead.
set -euo pipefail

fail() {
	printf 'activate-release: %s\n' "$*" >&2
	exit 1
}

prefix=
link=current
version=
rollback=no
while [ $# -gt 0 ]; do
	case $1 in
	--root)
		[ $# -ge 2 ] || fail '--root: needs a folder'
		prefix=${2%/}
		shift 2
		;;
	--shadow) link=shadow && shift ;;
	--rollback) rollback=yes && shift ;;
	-*) fail "$1: no such option" ;;
	*)
		[ -z "$version" ] || fail "$1: only one version can be active"
		version=$1
		shift
		;;
	esac
done

base=$prefix/opt/tradewind
if [ "$rollback" = yes ]; then
	[ -z "$version" ] || fail '--rollback goes to the previous release: name no version'
	[ "$link" = current ] || fail '--rollback: the shadow has no previous release'
	version=$(readlink "$base/previous") || fail "$base/previous: there is no release to go back to"
	version=${version##*/}
fi
[[ $version =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || fail "\"$version\" is no version: name a folder of $base/releases"
release=$base/releases/$version
[ -f "$release/RELEASE.json" ] || fail "$release/RELEASE.json: no such file: name a version that is below $base/releases"

# The list of checksums against the files, both ways: none changed, none missing, none that is not listed but the
# configuration, which is delivered beside a release.
node=$prefix/usr/bin/node
[ -x "$node" ] && [ -z "$prefix" ] || node=$(command -v node) || fail 'node: not found'
listed=$(mktemp)
trap 'rm -f "$listed" "$listed.found"' EXIT
# shellcheck disable=SC2016 # JavaScript
"$node" -e '
const { readFileSync } = require("node:fs");
const [file, version] = process.argv.slice(1);
const stop = (text) => { console.error(`activate-release: ${file}: ${text}`); process.exit(1); };
let manifest;
try { manifest = JSON.parse(readFileSync(file, "utf8")); } catch (error) { stop(`is no JSON: ${error.message}`); }
if (manifest.version !== version) stop(`is of version ${JSON.stringify(manifest.version)}, not ${version}`);
const files = Object.entries(manifest.files ?? {});
if (files.length === 0) stop("lists no files: nothing could be checked");
for (const [path, sum] of files) {
  if (path.startsWith("/") || path.split("/").includes("..") || /[\n\\]/.test(path)) stop(`${JSON.stringify(path)} is no path within the release`);
  if (!/^[0-9a-f]{64}$/.test(sum)) stop(`${path}: ${JSON.stringify(sum)} is no SHA-256 sum`);
  process.stdout.write(`${sum}  ${path}\n`);
}
' "$release/RELEASE.json" "$version" >"$listed" || exit 1
(cd "$release" && sha256sum --check --strict --quiet "$listed" >&2) || fail "$release: files are not those of its RELEASE.json"
(cd "$release" && find . \( -type f -o -type l \) ! -path ./RELEASE.json ! -path ./engine.yaml -printf '%P\n' | LC_ALL=C sort) >"$listed.found"
extra=$(cut -c 67- "$listed" | LC_ALL=C sort | LC_ALL=C comm -13 - "$listed.found" | head -n 3)
[ -z "$extra" ] || fail "$release: files that its RELEASE.json does not list: $(printf '%s' "$extra" | tr '\n' ' ')"

switch_link() { # name target
	local new=$base/.$1.new
	ln -sfn "$2" "$new"
	mv -T "$new" "$base/$1"
}

active=$(readlink "$base/$link" || true)
if [ "$active" = "releases/$version" ]; then
	printf 'activate-release: %s is %s already\n' "$version" "$link"
	exit 0
fi
# `previous` first: cut short here, both links still name whole releases.
if [ "$link" = current ] && [ -n "$active" ]; then switch_link previous "$active"; fi
switch_link "$link" "releases/$version"
was=${active#releases/}
printf 'activate-release: %s is %s now; was %s\n' "$version" "$link" "${was:-none}"
