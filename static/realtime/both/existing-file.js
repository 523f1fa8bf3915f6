/** @import { ExistingFile } from '../contract.js' */
/** @import { File } from '../wire.js' */

import { uuid } from './platform.js';

/** A file that the server has, to be sent once more. @param {File} file @returns {ExistingFile} */
export const existingFile = ({ id: file, kind, name, type, size, width = 0, height = 0 }) =>
  ({ id: uuid(), file, kind, name, type, size, width, height });
