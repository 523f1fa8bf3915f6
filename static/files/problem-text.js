import { t } from '../shell/words.js';

/** Why a file was not uploaded. @param {string} problem a `FailureCode` */
export function problemText(problem) {
  switch (problem) {
    case 'file_too_large':
      return t('Too large for this server.');
    case 'storage_full':
      return t('Your files take all the space that you have. Delete some first.');
    case 'file_gone':
      return t('The server has lost this file.');
    case 'unreadable':
      return t('This file cannot be read any more. Choose it again.');
    case 'unusable':
      return t('The server could not store this file.');
    case 'no_picture':
      return t('This picture is damaged, or not a picture.');
    case 'too_many_pixels':
      return t('This picture has too many pixels. Make it smaller first.');
    case 'not_found':
      return t('Your account cannot store files.');
    default:
      return t('This file could not be uploaded.');
  }
}
