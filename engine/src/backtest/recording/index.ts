/**
 * backtest/recording: captures of exchange traffic made by other people. Files enter; what was on the wire leaves, in time
 * order, byte for byte, and a report on whether our decoder and books make of it what a naive rebuild does. It never holds
 * a whole recording in memory and never skips a line it does not understand.
 */
export { NaiveBook, NaiveBooks } from './naive-book.js';
export { recordedInstruments } from './recorded-instruments.js';
export { RecordingError } from './recording-error.js';
export { readRecording, recordingFiles } from './recording-reader.js';
export { type RecordingReport, verifyRecording } from './verify-recording.js';
