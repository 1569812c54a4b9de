/** `LeaseAgeStandby` of `lease-age-standby`: construct ids made from names that never change. */
export function pascal(name: string): string {
  return name
    .split(/[^a-zA-Z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
