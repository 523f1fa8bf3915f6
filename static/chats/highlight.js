/**
 * Syntax highlighting: keywords, strings, comments, numbers and names of common languages. Loaded
 * when the first code block with a language is shown.
 *
 * A tokenizer, not a parser: good enough for reading, and linear in the length of the program.
 *
 * @module
 */

import { html } from '../vendor/lit-html/lit-html.js';

/** @typedef {'plain' | 'keyword' | 'string' | 'comment' | 'number' | 'name'} Kind */
/** @typedef {{ kind: Kind, text: string }} Token */
/**
 * @typedef {object} Grammar
 * @property {string} keywords
 * @property {string[]} comments sources of regular expressions
 * @property {string[]} strings
 * @property {string[]} [names] function names, keys, tags
 * @property {boolean} [ignoreCase]
 */

/** The end of the program; with the flag `m`, `$` matches at every line end. */
const END = '(?![^])';
const LINE_COMMENT = '//[^\\n]*';
const HASH_COMMENT = '#[^\\n]*';
const BLOCK_COMMENT = `/\\*[^]*?(?:\\*/|${END})`;
const DASH_COMMENT = '--[^\\n]*';
const SINGLE_QUOTED = "'(?:\\\\.|[^'\\\\\\n])*'?";
const DOUBLE_QUOTED = '"(?:\\\\.|[^"\\\\\\n])*"?';
const BACKTICKED = '`(?:\\\\[^]|[^`\\\\])*`?';
const CALL = '[\\p{L}_$][\\p{L}\\p{N}_$]*(?=\\()';

const C_LIKE =
  'break case catch class const continue default do else enum extends false finally for if implements import interface new null private protected public return static super switch this throw true try void while';
const SCRIPT = `${C_LIKE} async await debugger delete export from function get in instanceof let of set typeof undefined var with yield`;

/** @param {string} keywords @param {Partial<Grammar>} [more] @returns {Grammar} */
const grammar = (keywords, more) => ({ keywords, comments: [LINE_COMMENT, BLOCK_COMMENT], strings: [SINGLE_QUOTED, DOUBLE_QUOTED], names: [CALL], ...more });

/** @type {Record<string, Grammar>} */
const GRAMMARS = {
  js: grammar(SCRIPT, { strings: [SINGLE_QUOTED, DOUBLE_QUOTED, BACKTICKED] }),
  ts: grammar(`${SCRIPT} abstract any as boolean declare is keyof namespace never number readonly string type unknown satisfies`, { strings: [SINGLE_QUOTED, DOUBLE_QUOTED, BACKTICKED] }),
  java: grammar(`${C_LIKE} abstract assert boolean byte char double final float instanceof int long native package record sealed short strictfp synchronized throws transient var volatile`),
  c: grammar('auto bool break case char const continue default do double else enum extern false float for goto if inline int long NULL nullptr register return short signed sizeof static struct switch true typedef union unsigned void volatile while class delete explicit friend namespace new operator override private protected public template this throw try catch typename using virtual constexpr #include #define #ifdef #ifndef #endif #if #else'),
  cs: grammar(`${C_LIKE} abstract as async await base bool byte char decimal delegate double event explicit float foreach get in int internal is lock long namespace object out override params partial readonly record ref sealed set short sizeof string struct typeof uint using var virtual where yield`),
  go: grammar('break case chan const continue default defer else fallthrough false for func go goto if import interface iota map nil package range return select struct switch true type var', { strings: [SINGLE_QUOTED, DOUBLE_QUOTED, BACKTICKED] }),
  rust: grammar('as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while', { strings: [DOUBLE_QUOTED, "'(?:\\\\.|[^'\\\\\\n])'"] }),
  kotlin: grammar(`${C_LIKE} as by companion data fun in init internal is lateinit object open override sealed suspend val var when`, { strings: [`"""[^]*?(?:"""|${END})`, DOUBLE_QUOTED, SINGLE_QUOTED] }),
  swift: grammar(`${C_LIKE} as associatedtype defer extension fileprivate func guard in init inout internal is let nil open operator override protocol repeat self some struct subscript throws typealias var weak where`),
  php: grammar(`${C_LIKE} abstract and array as clone declare echo elseif endif foreach fn function global include instanceof insteadof namespace or print require trait unset use var xor yield`, { comments: [LINE_COMMENT, HASH_COMMENT, BLOCK_COMMENT] }),
  python: grammar('and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield', {
    comments: [HASH_COMMENT],
    strings: [`[rbfu]{0,2}"""[^]*?(?:"""|${END})`, `[rbfu]{0,2}'''[^]*?(?:'''|${END})`, `[rbfu]{0,2}${DOUBLE_QUOTED}`, `[rbfu]{0,2}${SINGLE_QUOTED}`],
  }),
  ruby: grammar('alias and begin break case class def do else elsif end ensure false for if in module next nil not or redo require rescue retry return self super then true undef unless until when while yield', { comments: [HASH_COMMENT] }),
  sh: grammar('case cd do done echo elif else esac eval exec exit export fi for function if in local printf read return select set shift source sudo then trap until while', {
    comments: ['(?<![\\w$&])#[^\\n]*'], strings: [DOUBLE_QUOTED, "'[^']*'?"], names: ['\\$\\{?[\\w@#?!*-]+\\}?'],
  }),
  sql: grammar('add all alter and as asc begin between by case check column commit constraint create cross database default delete desc distinct drop else end exists false foreign from full group having if in index inner insert into is join key left like limit not null on or order outer primary references returning right rollback select set table then true union unique update using values view when where with', {
    comments: [DASH_COMMENT, BLOCK_COMMENT], ignoreCase: true,
  }),
  json: grammar('true false null', { comments: [], names: ['"(?:\\\\.|[^"\\\\\\n]){0,200}"(?=\\s{0,8}:)'] }),
  yaml: grammar('true false null yes no', { comments: [HASH_COMMENT], names: ['(?<![\\w.-])[\\w.-]{1,80}(?=:(?:\\s|$))'] }),
  css: grammar('important media supports layer import from to', { comments: [BLOCK_COMMENT], names: ['(?<![\\w-])[\\w-]{1,80}(?=\\s{0,8}:)'] }),
  html: grammar('', { comments: [`<!--[^]*?(?:-->|${END})`], names: ['</?[\\w:-]+|/?>'] }),
  diff: { keywords: '', comments: ['^@@[^\\n]*', '^(?:---|\\+\\+\\+)[^\\n]*'], strings: ['^\\+[^\\n]*'], names: ['^-[^\\n]*'] },
};

/** @type {Record<string, string>} */
const ALIASES = {
  javascript: 'js', jsx: 'js', mjs: 'js', typescript: 'ts', tsx: 'ts', 'c++': 'c', cpp: 'c', h: 'c', 'c#': 'cs',
  csharp: 'cs', golang: 'go', rs: 'rust', kt: 'kotlin', py: 'python', rb: 'ruby', bash: 'sh', shell: 'sh', zsh: 'sh',
  console: 'sh', postgres: 'sql', yml: 'yaml', toml: 'yaml', ini: 'yaml', scss: 'css', xml: 'html', svg: 'html', patch: 'diff',
};

/** @type {Map<string, { pattern: RegExp, keywords: Set<string>, ignoreCase: boolean }>} */
const compiled = new Map();

/** @param {string} language as written after the opening fence */
function grammarOf(language) {
  const asked = language.toLowerCase();
  const name = Object.hasOwn(ALIASES, asked) ? ALIASES[asked] : asked;
  if (!Object.hasOwn(GRAMMARS, name)) return null;
  let found = compiled.get(name);
  if (!found) {
    const { keywords, comments, strings, names = [], ignoreCase = false } = GRAMMARS[name];
    /** @param {string} kind @param {string[]} sources */
    const group = (kind, sources) => (sources.length ? [`(?<${kind}>${sources.join('|')})`] : []);
    const parts = [
      ...group('comment', comments),
      ...group('name', names),
      ...group('string', strings),
      '(?<number>(?<![\\p{L}\\p{N}_])(?:0[xob][\\da-f_]+|\\d[\\d_]*(?:\\.\\d+)?(?:e[+-]?\\d+)?))',
      '(?<word>[#@]?[\\p{L}_$][\\p{L}\\p{N}_$]*)',
    ];
    found = { pattern: new RegExp(parts.join('|'), 'gimu'), keywords: new Set(keywords.split(' ')), ignoreCase };
    compiled.set(name, found);
  }
  return found;
}

/**
 * @param {string} program
 * @param {string} language
 * @returns {Token[] | null} the whole program in order; null for an unknown language
 */
export function tokenize(program, language) {
  const grammar = grammarOf(language);
  if (!grammar) return null;
  /** @type {Token[]} */
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

/**
 * @param {RegExpMatchArray} found
 * @param {{ keywords: Set<string>, ignoreCase: boolean }} grammar
 * @returns {Kind}
 */
function kindOf({ 0: text, groups = {} }, { keywords, ignoreCase }) {
  if (groups.comment !== undefined) return 'comment';
  if (groups.string !== undefined) return 'string';
  if (groups.number !== undefined) return 'number';
  if (keywords.has(ignoreCase ? text.toLowerCase() : text)) return 'keyword';
  return groups.word === undefined ? 'name' : 'plain';
}

/** @param {string} program @param {string} language */
export function highlighted(program, language) {
  return (tokenize(program, language) ?? [{ kind: 'plain', text: program }]).map(({ kind, text }) =>
    kind === 'plain' ? text : html`<span class="code-${kind}">${text}</span>`,
  );
}
