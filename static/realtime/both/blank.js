/** White space, and characters that are invisible by themselves: as on the server
 * (`apps/core/clean_text.py`). */
const BLANK = /^[\s\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]*$/u;

/** Whether nobody sees anything of a text. @param {string} text */
export const isBlank = (text) => BLANK.test(text);
