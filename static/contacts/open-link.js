/** Show the reader's link. Offline, and the module was never fetched: nothing opens. */
export function openLink() {
  import('./personal-link.js').then(({ openPersonalLink }) => openPersonalLink(), () => {});
}
