/** Sets of one-letter JSON keys as the bits of an int32, upper and lower case apart. */

/** The bit of an ASCII letter; the same for both cases. */
export function bit(letter: number): number {
  return 1 << (letter & 31);
}

/** A set of letters, all of one case. */
export function letters(text: string): number {
  return [...text].reduce((set, char) => set | bit(char.charCodeAt(0)), 0);
}

export function has(set: number, required: number): boolean {
  return (set & required) === required;
}

export function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** Of a letter. */
export function isUpper(letter: number): boolean {
  return (letter & 0x20) === 0;
}
