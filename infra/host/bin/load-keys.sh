#!/usr/bin/env bash
# Has the exchange keys the engine's configuration names in place before it starts: /run/tradewind/keys/<name>/{api-key,secret},
# from the secret tradewind/<environment>/venues/<name>. A key that is there is left alone, so that a takeover waits for
# nobody. Never on a disk, and never half of one. Exit codes: 0 all there or none wanted, 1 not.
#
#   load-keys.sh
set -euo pipefail
umask 077

prefix=${TRADEWIND_ROOT:-}
keys=$prefix/run/tradewind/keys
config=$prefix/etc/tradewind/engine.yaml

fail() {
	# The journal takes the number for a priority: error.
	printf '<3>load-keys: %s\n' "$*" >&2
	exit 1
}

[ -e "$config" ] || exit 0
names=$(grep -v '^ *#' "$config" | grep -oE '/run/tradewind/keys/[A-Za-z0-9_+=.@-]+/' | cut -d / -f 5 | sort -u) || names=
missing=()
for name in $names; do
	[ "${name#.}" = "$name" ] || fail "$config: \"$name\" is no name of a key"
	[ -s "$keys/$name/api-key" ] && [ -s "$keys/$name/secret" ] || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0

[ -r "$prefix/etc/tradewind/host.env" ] ||
	fail "${missing[*]}: not in $keys, and $prefix/etc/tradewind/host.env does not say whose to fetch: put the files there"
# shellcheck source=/dev/null
. "$prefix/etc/tradewind/host.env"
: "${TRADEWIND_ENVIRONMENT:?host.env names no environment}" "${AWS_REGION:?host.env names no Region}"
mkdir -p "$keys"
[ "$(stat -f -c %T "$keys")" = tmpfs ] || fail "$keys: is on a disk; keys are kept in memory alone"
chmod 711 "$keys"

trap 'rm -rf "$keys"/.load.*' EXIT
for name in "${missing[@]}"; do
	id=tradewind/$TRADEWIND_ENVIRONMENT/venues/$name
	folder=$(mktemp -d "$keys/.load.XXXXXX")
	# The text of the secret goes from one program to the other; it is no argument and no line of a log.
	# shellcheck disable=SC2016 # the dollars are JavaScript's
	aws secretsmanager get-secret-value --region "$AWS_REGION" --cli-connect-timeout 3 --cli-read-timeout 5 \
		--secret-id "$id" --version-stage AWSCURRENT --query SecretString --output text |
		node -e '
			const { readFileSync, writeFileSync } = require("node:fs");
			let key;
			try {
				key = JSON.parse(readFileSync(0, "utf8"));
			} catch {
				process.exit(2);
			}
			for (const [file, text] of [["api-key", key?.apiKey], ["secret", key?.secret]]) {
				if (typeof text !== "string" || text === "") process.exit(3);
				writeFileSync(`${process.argv[1]}/${file}`, text, { mode: 0o400 });
			}
		' "$folder" || case "${PIPESTATUS[*]}" in
	'0 3') fail "$id: its current version has no apiKey and secret: runbooks/procedures/key-rotation.md says how the first key comes in" ;;
	'0 '*) fail "$id: its current version is no JSON with apiKey and secret" ;;
	*) fail "$id: could not be read: can this host reach Secrets Manager, and may its role read it?" ;;
	esac
	chown -R tradewind:tradewind "$folder"
	# Whole or not at all; half a key that somebody left is none.
	rm -rf "${keys:?}/$name"
	mv "$folder" "$keys/$name"
	printf 'load-keys: %s loaded\n' "$name"
done
