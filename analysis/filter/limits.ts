/**
 * What bounds a filter. Filters come from command lines and, later, from browsers: whatever is written, compiling
 * it and testing a frame with it take little memory and a time that grows only with the frame.
 */

/** Of the text, in UTF-16 units. Bounds the names and values in it as well. */
export const FILTER_CHARACTERS_MAX = 4000;

/** How deep parentheses and `!` may be nested. */
export const DEPTH_MAX = 40;

/** Comparisons, and the operators that join them. */
export const NODES_MAX = 250;

/** Values of one `in`. */
export const LIST_MAX = 100;

/** Of one pattern. */
export const PATTERN_CHARACTERS_MAX = 200;

/** Of one repetition: `{n,m}`. */
export const PATTERN_REPEAT_MAX = 200;

/** Of all patterns of a filter together: testing takes at most so many steps for each character of a field. */
export const PATTERN_STATES_MAX = 500;

/** What completion offers at a time. */
export const COMPLETIONS_MAX = 100;
