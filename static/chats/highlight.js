/**
 * Programs in colours: words, texts, comments and numbers of the languages that people paste. Loaded
 * when the first program with a known language is seen.
 *
 * It knows what a language is written with, not what it means: enough to read by, in time that grows
 * with the length of the program.
 *
 * @module
 */

import { html } from '../vendor/lit-html/lit-html.js';

/** @typedef {'plain' | 'word' | 'text' | 'note' | 'number' | 'name'} Kind */
/** @typedef {{ kind: Kind, text: string }} Piece */
/**
 * @typedef {object} Grammar
 * @property {string} words
 * @property {string[]} notes sources of patterns
 * @property {string[]} texts
 * @property {string[]} [names] what is called
 * @property {boolean} [anyCase]
 */

/** The end of the program: with the flag `m`, `$` is the end of each line. */
const END = '(?![^])';
const LINE = '//[^\\n]*';
const HASH = '#[^\\n]*';
const BLOCK = `/\\*[^]*?(?:\\*/|${END})`;
const DASHES = '--[^\\n]*';
const ONE = "'(?:\\\\.|[^'\\\\\\n])*'?";
const TWO = '"(?:\\\\.|[^"\\\\\\n])*"?';
const TICKS = '`(?:\\\\[^]|[^`\\\\])*`?';
const CALL = '[\\p{L}_$][\\p{L}\\p{N}_$]*(?=\\()';

const C_LIKE =
  'break case catch class const continue default do else enum extends false finally for if implements import interface new null private protected public return static super switch this throw true try void while';
const SCRIPT = `${C_LIKE} async await debugger delete export from function get in instanceof let of set typeof undefined var with yield`;

/** @param {string} words @param {Partial<Grammar>} [more] @returns {Grammar} */
const like = (words, more) => ({ words, notes: [LINE, BLOCK], texts: [ONE, TWO], names: [CALL], ...more });

/** @type {Record<string, Grammar>} */
const GRAMMARS = {
  js: like(SCRIPT, { texts: [ONE, TWO, TICKS] }),
  ts: like(`${SCRIPT} abstract any as boolean declare is keyof namespace never number readonly string type unknown satisfies`, { texts: [ONE, TWO, TICKS] }),
  java: like(`${C_LIKE} abstract assert boolean byte char double final float instanceof int long native package record sealed short strictfp synchronized throws transient var volatile`),
  c: like('auto bool break case char const continue default do double else enum extern false float for goto if inline int long NULL nullptr register return short signed sizeof static struct switch true typedef union unsigned void volatile while class delete explicit friend namespace new operator override private protected public template this throw try catch typename using virtual constexpr #include #define #ifdef #ifndef #endif #if #else'),
  cs: like(`${C_LIKE} abstract as async await base bool byte char decimal delegate double event explicit float foreach get in int internal is lock long namespace object out override params partial readonly record ref sealed set short sizeof string struct typeof uint using var virtual where yield`),
  go: like('break case chan const continue default defer else fallthrough false for func go goto if import interface iota map nil package range return select struct switch true type var', { texts: [ONE, TWO, TICKS] }),
  rust: like('as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while', { texts: [TWO, "'(?:\\\\.|[^'\\\\\\n])'"] }),
  kotlin: like(`${C_LIKE} as by companion data fun in init internal is lateinit object open override sealed suspend val var when`, { texts: [`"""[^]*?(?:"""|${END})`, TWO, ONE] }),
  swift: like(`${C_LIKE} as associatedtype defer extension fileprivate func guard in init inout internal is let nil open operator override protocol repeat self some struct subscript throws typealias var weak where`),
  php: like(`${C_LIKE} abstract and array as clone declare echo elseif endif foreach fn function global include instanceof insteadof namespace or print require trait unset use var xor yield`, { notes: [LINE, HASH, BLOCK] }),
  python: like('and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield', {
    notes: [HASH],
    texts: [`[rbfu]{0,2}"""[^]*?(?:"""|${END})`, `[rbfu]{0,2}'''[^]*?(?:'''|${END})`, `[rbfu]{0,2}${TWO}`, `[rbfu]{0,2}${ONE}`],
  }),
  ruby: like('alias and begin break case class def do else elsif end ensure false for if in module next nil not or redo require rescue retry return self super then true undef unless until when while yield', { notes: [HASH] }),
  sh: like('case cd do done echo elif else esac eval exec exit export fi for function if in local printf read return select set shift source sudo then trap until while', {
    notes: ['(?<![\\w$&])#[^\\n]*'], texts: [TWO, "'[^']*'?"], names: ['\\$\\{?[\\w@#?!*-]+\\}?'],
  }),
  sql: like('add all alter and as asc begin between by case check column commit constraint create cross database default delete desc distinct drop else end exists false foreign from full group having if in index inner insert into is join key left like limit not null on or order outer primary references returning right rollback select set table then true union unique update using values view when where with', {
    notes: [DASHES, BLOCK], anyCase: true,
  }),
  json: like('true false null', { notes: [], names: ['"(?:\\\\.|[^"\\\\\\n]){0,200}"(?=\\s{0,8}:)'] }),
  yaml: like('true false null yes no', { notes: [HASH], names: ['(?<![\\w.-])[\\w.-]{1,80}(?=:(?:\\s|$))'] }),
  css: like('important media supports layer import from to', { notes: [BLOCK], names: ['(?<![\\w-])[\\w-]{1,80}(?=\\s{0,8}:)'] }),
  html: like('', { notes: [`<!--[^]*?(?:-->|${END})`], names: ['</?[\\w:-]+|/?>'] }),
  diff: { words: '', notes: ['^@@[^\\n]*', '^(?:---|\\+\\+\\+)[^\\n]*'], texts: ['^\\+[^\\n]*'], names: ['^-[^\\n]*'] },
};

/** @type {Record<string, string>} */
const SAME = {
  javascript: 'js', jsx: 'js', mjs: 'js', typescript: 'ts', tsx: 'ts', 'c++': 'c', cpp: 'c', h: 'c', 'c#': 'cs',
  csharp: 'cs', golang: 'go', rs: 'rust', kt: 'kotlin', py: 'python', rb: 'ruby', bash: 'sh', shell: 'sh', zsh: 'sh',
  console: 'sh', postgres: 'sql', yml: 'yaml', toml: 'yaml', ini: 'yaml', scss: 'css', xml: 'html', svg: 'html', patch: 'diff',
};

/** @type {Map<string, { pattern: RegExp, words: Set<string>, anyCase: boolean }>} */
const made = new Map();

/** @param {string} language as it is written behind the fence */
function grammarOf(language) {
  const asked = language.toLowerCase();
  const name = Object.hasOwn(SAME, asked) ? SAME[asked] : asked;
  if (!Object.hasOwn(GRAMMARS, name)) return null;
  let found = made.get(name);
  if (!found) {
    const { words, notes, texts, names = [], anyCase = false } = GRAMMARS[name];
    /** @param {string} kind @param {string[]} sources */
    const group = (kind, sources) => (sources.length ? [`(?<${kind}>${sources.join('|')})`] : []);
    const parts = [
      ...group('note', notes),
      ...group('name', names),
      ...group('text', texts),
      '(?<number>(?<![\\p{L}\\p{N}_])(?:0[xob][\\da-f_]+|\\d[\\d_]*(?:\\.\\d+)?(?:e[+-]?\\d+)?))',
      '(?<word>[#@]?[\\p{L}_$][\\p{L}\\p{N}_$]*)',
    ];
    found = { pattern: new RegExp(parts.join('|'), 'gimu'), words: new Set(words.split(' ')), anyCase };
    made.set(name, found);
  }
  return found;
}

/**
 * @param {string} program
 * @param {string} language
 * @returns {Piece[] | null} all of it in order; null for a language that is not known
 */
export function pieces(program, language) {
  const grammar = grammarOf(language);
  if (!grammar) return null;
  /** @type {Piece[]} */
  const all = [];
  let from = 0;
  for (const found of program.matchAll(grammar.pattern)) {
    const kind = kindOf(found, grammar);
    if (kind === 'plain') continue;
    if (found.index > from) all.push({ kind: 'plain', text: program.slice(from, found.index) });
    all.push({ kind, text: found[0] });
    from = found.index + found[0].length;
  }
  if (from < program.length) all.push({ kind: 'plain', text: program.slice(from) });
  return all;
}

/** @param {RegExpMatchArray} found @param {{ words: Set<string>, anyCase: boolean }} grammar @returns {Kind} */
function kindOf({ 0: text, groups = {} }, { words, anyCase }) {
  if (groups.note !== undefined) return 'note';
  if (groups.text !== undefined) return 'text';
  if (groups.number !== undefined) return 'number';
  if (words.has(anyCase ? text.toLowerCase() : text)) return 'word';
  return groups.word === undefined ? 'name' : 'plain';
}

/** @param {string} program @param {string} language */
export function colored(program, language) {
  return (pieces(program, language) ?? [{ kind: 'plain', text: program }]).map(({ kind, text }) =>
    kind === 'plain' ? text : html`<span class="code-${kind}">${text}</span>`,
  );
}
