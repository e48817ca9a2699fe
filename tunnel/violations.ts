/** What a peer can do wrong, by name. Each ends the connection to the relay, because after it the bytes mean nothing for certain. */
export const violations = {
  'foreign-bytes': 'bytes that are no frame of a tunnel: another client of the relay sends to this name',
  'other-version': 'a frame of another version of the tunnel',
  'unknown-type': 'a frame of a type that does not exist',
  'bad-length': 'a frame whose length does not fit its type',
  'bad-stream': 'a frame with a stream where none belongs, or without one where one does',
  'bad-hello': 'a hello with numbers that make no sense',
  'before-hello': 'a frame before the hello',
  'lost-frames': 'frames are missing: they do not follow each other',
  'bad-open': 'a stream was opened out of turn',
  'unknown-stream': 'a frame for a stream that nobody has opened',
  'bad-answer': 'an answer to a stream that was not asked for, or answered before',
  'before-accept': 'bytes on a stream that was not yet accepted',
  'beyond-window': 'more bytes than the window of the stream allows',
  'after-end': 'bytes on a stream behind its end',
  'credit-overflow': 'more credit than a stream can have',
  'too-many-answers': 'more questions than can be answered',
} as const;

export type Violation = keyof typeof violations;
