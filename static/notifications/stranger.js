/** Before the door nobody is known: the page that is kept for being offline shows nothing of them. */
(() => {
  try {
    localStorage.removeItem('parley.known');
  } catch {
    // Storage is refused: nobody was remembered.
  }
})();
