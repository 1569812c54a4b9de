/** As long as a signed order of a venue; an answer is the epoch and the sequence it began with. */
export const REQUEST_BYTES = 256;
export const ANSWER_BYTES = 16;
