/**
 * Shell that automation documents run on a host, as root. Plain POSIX. Only parameters with a pattern that has no quote,
 * dollar or backtick are put into it.
 */

/** What a person may write as a reason; safe between single quotes. */
export const PLAIN_TEXT = '^[A-Za-z0-9 .,:;_/()+#-]{5,200}$';

const AGENT = '/usr/bin/node /opt/tradewind/current/agent.mjs';
const TRADEWIND = '/usr/bin/node /opt/tradewind/current/engine/bin/tradewind.mjs';
const RELEASE = '/usr/local/sbin/tradewind-release';
const METRICS = 'http://127.0.0.1:9464/metrics';

/** The release a host ran before the upgrade that is under way; there while it may have to be taken back. */
const BEFORE = '/var/lib/tradewind/upgrade-from';

const STRICT = 'set -eu';

const FAIL = `fail() { echo "$*" >&2; exit 1; }`;

/** Tries `condition` once a second. */
function until(condition: string, seconds: number, otherwise: string): string[] {
  return [
    'tries=0',
    `until ${condition}; do`,
    '  tries=$((tries + 1))',
    `  [ "$tries" -lt ${seconds} ] || fail '${otherwise}'`,
    '  sleep 1',
    'done',
  ];
}

const says = (member: string) => `${AGENT} status --json | grep -q '${member}'`;

/** The agent watches the lease and would take it. */
export function readyToTakeOver(seconds: number): string[] {
  return [
    STRICT,
    FAIL,
    `willing() { ${says('"phase":"observing"')} && ${says('"unwilling":null')}; }`,
    ...until('willing', seconds, 'this host would not take the lease: see agent status'),
    `${AGENT} status`,
  ];
}

/** The engine of this host leads and says that it is ready. */
export function engineReady(seconds: number): string[] {
  return [
    STRICT,
    FAIL,
    `ready() { ${says('"phase":"leading"')} && ${says('"engineReady":true')}; }`,
    ...until(
      'ready',
      seconds,
      `no ready engine leads here after ${seconds} s: see journalctl -u tradewind-engine`,
    ),
    `${AGENT} status`,
  ];
}

/** The engine becomes ready and stays so for the whole time. */
export function staysReady(startSeconds: number, gateSeconds: number): string[] {
  return [
    ...engineReady(startSeconds),
    `gate=$(($(date +%s) + ${gateSeconds}))`,
    'while [ "$(date +%s)" -lt "$gate" ]; do',
    `  ready || fail 'the engine was not ready within its health gate of ${gateSeconds} s'`,
    '  sleep 2',
    'done',
  ];
}

export function handOver(): string[] {
  return [STRICT, `${AGENT} handover --json`];
}

/** Orderly if the other side answers; otherwise this host lets go anyway and stays on hold. */
export function giveUpLease(): string[] {
  return [STRICT, `${AGENT} handover --json || ${AGENT} release --json`];
}

/** Prints the version and nothing else. */
export function fetchRelease(): string[] {
  return [STRICT, `${RELEASE} fetch available`];
}

/** Fails when this host was given another release than the one printed by {@link fetchRelease} before. */
export function fetchSameRelease(version: string): string[] {
  return [
    STRICT,
    FAIL,
    `wanted=$(printf '%s' '${version}')`,
    `found=$(${RELEASE} fetch available)`,
    `[ "$found" = "$wanted" ] || fail "another release was deployed meanwhile: $found, not $wanted; start again"`,
    'echo "$found"',
  ];
}

/** The release becomes the one that starts next on a host that does not lead; its agent comes back willing. */
export function activateRelease(version: string): string[] {
  return [
    ...notLeading(),
    `wanted=$(printf '%s' '${version}')`,
    `[ -e ${BEFORE} ] || basename "$(readlink /opt/tradewind/current)" >${BEFORE}`,
    `${RELEASE} activate "$wanted"`,
    ...restartAgent(),
  ];
}

/** Back to what ran before; nothing to do where nothing was changed. */
export function restoreRelease(): string[] {
  return [
    ...notLeading(),
    `if [ -e ${BEFORE} ]; then`,
    `  ${RELEASE} activate "$(cat ${BEFORE})"`,
    `  rm -f ${BEFORE}`,
    'fi',
    ...restartAgent(),
  ];
}

/** Back to `previous`, at a person's word. */
export function rollBackRelease(): string[] {
  return [...notLeading(), `${RELEASE} rollback`, ...restartAgent()];
}

/** The upgrade will not be taken back any more. */
export function keepRelease(): string[] {
  return [STRICT, `rm -f ${BEFORE}`, `${RELEASE} prune`, `${RELEASE} status`];
}

/** A host alone: its engine cancels its orders and stops, and stays away until {@link comeBack}. */
export function stepAside(): string[] {
  return [STRICT, `${AGENT} release --json`];
}

/** Nothing of the agent is replaced under an engine that runs. */
function notLeading(): string[] {
  return [STRICT, FAIL, `! systemctl is-active --quiet tradewind-engine || fail 'an engine runs here'`];
}

function restartAgent(): string[] {
  return [
    'systemctl restart tradewind-agent',
    ...until(`${AGENT} status --json >/dev/null 2>&1`, 30, 'the agent did not come back'),
    `${AGENT} hold --off --json`,
  ];
}

/** Stores the switch, whether or not an engine runs: it holds for the one that starts next as well. */
export function setSwitch(command: 'halt' | 'resume'): string[] {
  return [
    STRICT,
    `runuser -u tradewind -- ${TRADEWIND} ${command} --config /etc/tradewind/engine.yaml --why '{{ Reason }}' --who '{{ RequestedBy }}'`,
  ];
}

/**
 * After a halt: an engine that runs has none of its orders open. Where none runs there is nothing to verify, unless this
 * host should run one: then its orders may still rest at the venue.
 */
export function noOpenOrders(seconds: number): string[] {
  return [
    STRICT,
    FAIL,
    'if ! systemctl is-active --quiet tradewind-engine; then',
    `  if ${says('"phase":"leading"')}; then fail 'no engine runs on the leading host: look for open orders at the venue itself'; fi`,
    `  echo 'no engine runs here; the switch holds for the next one'`,
    '  exit 0',
    'fi',
    // Every series of that very name, and at least one, is 0.
    `metric() { found=$(curl --silent --fail --max-time 2 ${METRICS} | grep "^$1[ {]") && ! echo "$found" | grep -qv ' 0$'; }`,
    `halted() { curl --silent --fail --max-time 2 ${METRICS} | grep '^tradewind_trading_state.*halted' | grep -q ' 1$'; }`,
    'quiet() { halted && metric tradewind_orders_open && metric tradewind_orders_in_flight; }',
    ...until(
      'quiet',
      seconds,
      `orders are still open ${seconds} s after the halt: cancel them at the venue itself`,
    ),
    `echo 'halted, no order open'`,
  ];
}

/** After a resume: the leading engine trades. */
export function tradesAgain(seconds: number): string[] {
  return [
    STRICT,
    FAIL,
    `systemctl is-active --quiet tradewind-engine || { echo 'no engine runs here'; exit 0; }`,
    `active() { curl --silent --fail --max-time 2 ${METRICS} | grep '^tradewind_trading_state.*active' | grep -q ' 1$'; }`,
    ...until('active', seconds, `the engine does not trade ${seconds} s after the resume: see its log`),
    `echo 'trading'`,
  ];
}

/** Starts another release beside the live engine; it records what it would have done. */
export function startShadow(version: string): string[] {
  return [
    STRICT,
    `wanted=$(printf '%s' '${version}')`,
    'systemctl stop tradewind-shadow',
    `${RELEASE} shadow "$wanted"`,
    'systemctl start tradewind-shadow',
    'systemctl is-active tradewind-shadow',
  ];
}

/**
 * Ends the shadow and replays what it recorded through the live release: exit code 1 says that the two trade differently.
 * The report is the step's output.
 */
export function compareShadow(): string[] {
  return [
    STRICT,
    FAIL,
    `systemctl is-active --quiet tradewind-shadow || fail 'the shadow did not live until its end: see journalctl -u tradewind-shadow'`,
    'systemctl stop tradewind-shadow',
    `log=$(sed -n 's/^ *recordTo: *//p' /etc/tradewind/shadow.yaml)`,
    `/usr/bin/node /opt/tradewind/current/delivery/shadow.mjs report --log "$log" --config /etc/tradewind/engine.yaml`,
  ];
}

export function endShadow(): string[] {
  return [STRICT, 'systemctl stop tradewind-shadow', `${RELEASE} shadow off`];
}
