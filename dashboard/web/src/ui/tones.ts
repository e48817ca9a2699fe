/** The judgements that colours stand for, the same in every part. */
export const tones = ['plain', 'good', 'warn', 'bad', 'accent'] as const;
export type Tone = (typeof tones)[number];
