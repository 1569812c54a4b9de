import pc from 'picocolors';
import { type HandoverOutcome, type HandoverStage, type LeaseLook, NOBODY } from '../ha/index.js';

/** A look at the lease as JSON: absent things are null. */
export function leaseFacts({ row, renewed, unchangedMs }: LeaseLook): Record<string, unknown> {
  return {
    holder: row === undefined || row.holder === NOBODY ? null : row.holder,
    renewed,
    unchangedMs: Math.round(unchangedMs),
    epoch: row?.epoch ?? null,
    version: row?.version ?? null,
    handover: row?.handover ?? null,
    address: row?.address ?? null,
    fenced: row?.fenced ?? null,
  };
}

/** A look at the lease, for people. */
export function renderLease(look: LeaseLook): string {
  const { row, renewed } = look;
  if (row === undefined) return pc.yellow('nobody has led yet: the lease is empty');
  const unchanged = `${Math.round(look.unchangedMs)} ms`;
  const leads = renewed
    ? `${pc.green(row.holder)} leads  (renewed within ${unchanged})`
    : `${pc.red(row.holder)} does not renew  (unchanged for ${unchanged}): dead or cut off, and nobody took over`;
  const lines = [
    row.holder === NOBODY ? pc.yellow('nobody leads: the last leader let go') : leads,
    `epoch    ${row.epoch}  version ${row.version}`,
  ];
  if (row.address !== undefined) lines.push(`journal  ${row.address}`);
  if (row.handover !== undefined) lines.push(`handover ${row.handover}`);
  if (row.fenced !== undefined) lines.push(pc.red(`fenced   ${row.fenced} may neither lead nor claim`));
  return lines.join('\n');
}

const STAGES: Readonly<Record<HandoverStage, string>> = {
  requested: 'the leader is asked to hand over',
  asked: 'the leader asks the standby',
  accepted: 'the standby accepts; the leader stops sending and gives it the rest of the journal',
  released: 'the leader has let go',
};

export function renderStage(stage: HandoverStage): string {
  return pc.dim(STAGES[stage]);
}

export function renderOutcome({
  from,
  to,
  epoch,
  tookMs,
}: Extract<HandoverOutcome, { kind: 'done' }>): string {
  return `${pc.green(to)} leads under epoch ${epoch}; ${from} stands by  (${tookMs} ms)`;
}
