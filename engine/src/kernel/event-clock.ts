/**
 * The kernel's time: that of the event being handled, microseconds since 1970 (UTC). One object that everybody reads, so
 * that time need not be handed around; a plain field, which compiled code reads without making a heap number of it.
 */
export class EventClock {
  now = 0;
}
