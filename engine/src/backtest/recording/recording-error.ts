/** A recording that cannot be read: which file, and which line of it (from 1; 0 = the file as a whole). */
export class RecordingError extends Error {
  readonly code = 'TW_RECORDING';
  override readonly name = 'RecordingError';
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, why: string, cause?: unknown) {
    super(
      line === 0 ? `${file}: ${why}` : `${file}:${line}: ${why}`,
      cause === undefined ? undefined : { cause },
    );
    this.file = file;
    this.line = line;
  }
}
