/** `ha.lease` for a machine that is busy with other tests and stands still for longer than the defaults allow. */
export const PATIENT_LEASE = {
  renewEveryMs: 800,
  observeEveryMs: 200,
  requestTimeoutMs: 400,
  selfFenceMs: 4_000,
  expireAfterMs: 5_500,
};
