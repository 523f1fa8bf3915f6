/**
 * The browser's Back closes what covers the page (a dialog, a panel on a phone), and does not leave
 * the page below it.
 *
 * While something covers the page, the history has an entry more, of the same address. Its state says
 * how many covers there are. That entry goes with the cover.
 *
 * @module
 */

/** When the browser does not report the removal of an entry. */
const REMOVAL_TIMEOUT_MS = 500;

/** @typedef {{ level: number, close: () => void }} Cover */

/** Open ones, the last on top. @type {Cover[]} */
const covers = [];
/** Of the page below. */
let address = location.href;
/** While the entries of closed covers are being removed. Until then nothing may be added.
 * @type {{ done: Promise<void>, end: () => void } | null} */
let removal = null;

const levelHere = () => history.state?.covers ?? 0;

// Before the router's listener, which hears only of other pages.
addEventListener('popstate', (event) => {
  const isRemoval = removal !== null;
  removal?.end();
  const closed = covers.filter(({ level }) => level > levelHere());
  for (const cover of closed.reverse()) {
    covers.splice(covers.indexOf(cover), 1);
    cover.close();
  }
  if (location.href === address && (isRemoval || closed.length)) event.stopImmediatePropagation();
  address = location.href;
  removeEntries();
});

/**
 * @param {() => void} close called when the person goes back
 * @returns {() => void} to be called when it was closed, in any way
 */
export function closeOnBack(close) {
  /** @type {Cover} */
  const cover = { level: Infinity, close };
  covers.push(cover);
  afterRemoval(() => {
    if (!covers.includes(cover)) return;
    cover.level = levelHere() + 1;
    history.pushState({ covers: cover.level }, '');
  });
  return () => {
    const index = covers.indexOf(cover);
    if (index < 0) return;
    covers.splice(index, 1);
    removeEntries();
  };
}

/**
 * Go to another page of the app, in place of the entry of what covers this one.
 *
 * @param {string} path
 * @param {boolean} replace whether it takes the place of the page, too
 * @param {() => void} then called when the address is that of the page: at once, as a rule
 */
export function enter(path, replace, then) {
  afterRemoval(() => {
    // Going to the present address again adds no entry.
    if (path !== location.pathname + location.search) {
      if (replace || levelHere()) history.replaceState(null, '', path);
      else history.pushState(null, '', path);
      address = location.href;
    }
    then();
  });
}

/** @param {() => void} act */
function afterRemoval(act) {
  if (removal) void removal.done.then(act);
  else act();
}

/** Leave the entries of covers that are closed. */
function removeEntries() {
  const above = levelHere() - (covers.at(-1)?.level ?? 0);
  if (removal || above <= 0) return;
  let resolve = () => {};
  /** @type {Promise<void>} */
  const done = new Promise((resolved) => (resolve = resolved));
  const timer = setTimeout(() => removal?.end(), REMOVAL_TIMEOUT_MS);
  removal = {
    done,
    end() {
      clearTimeout(timer);
      removal = null;
      resolve();
    },
  };
  history.go(-above);
}
