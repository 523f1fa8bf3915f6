/** @import { ReportedThing } from '../realtime/request-types.js' */

/**
 * Open the dialog that reports something. Offline, and its module was never fetched: nothing opens.
 *
 * @param {ReportedThing} thing
 * @param {string} [person] id of who can be blocked afterwards
 */
export function openReport(thing, person) {
  import('./report-dialog.js').then((module) => module.openReport(thing, person), () => {});
}
