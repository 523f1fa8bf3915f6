// node same_programs.mjs SOURCES SENT: each script below SENT is the program of the same name
// below SOURCES. Acorn parses both; their syntax trees must be equal, except for what
// apps/core/minify_js.py is meant to change: the names of private members and of constants in
// capitals, and the indentation of html`...` templates. Comments, spacing and trailing commas are
// not part of a syntax tree.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";

const POSITIONS = new Set(["start", "end"]);

const program = (source) => parse(source, { ecmaVersion: "latest", sourceType: "module" });

/** Calls `visit` with every node of a syntax tree and the key under which its parent has it. */
function walk(node, visit, key = "", parent = null) {
  if (node === null || typeof node !== "object" || node instanceof RegExp) return;
  if (Array.isArray(node)) return node.forEach((each) => walk(each, visit, key, parent));
  if (node.type) visit(node, key, parent);
  for (const [name, value] of Object.entries(node))
    walk(value, visit, name, node.type ? node : parent);
}

/** Whether an identifier is a name that other code sees: of a property, an import or an export. */
function isPublic(key, parent) {
  if (key === "key" || key === "property") return !parent.computed;
  return key === "exported" || key === "imported";
}

/** Names that a program declares and exports. */
function exportedNames(ast) {
  const names = new Set();
  walk(ast, (node) => {
    if (node.type === "ExportSpecifier") names.add(node.local.name);
    if (node.type !== "ExportNamedDeclaration" || !node.declaration) return;
    const { declarations, id } = node.declaration;
    walk(declarations?.map((each) => each.id) ?? id, ({ name }) => names.add(name));
  });
  return names;
}

/** Names that `minify_js` may have shortened: in `pattern`, not exported, and not in `others`. */
function renamedNames(ast, pattern, others = new Set()) {
  const exported = exportedNames(ast);
  const names = new Set();
  walk(ast, ({ type, name }) => {
    if (type === "Identifier" && pattern.test(name) && !exported.has(name)) names.add(name);
  });
  return names.difference(others);
}

/**
 * The syntax tree as text. Private names and `renamed` ones are numbered in the order in which they
 * appear.
 */
function tree(ast, renamed) {
  const numbers = new Map();
  const number = (name) => {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name);
  };
  const plain = (node, inHtml, field = "", parent = null) => {
    if (typeof node === "bigint") return `${node}n`;
    if (node === null || typeof node !== "object" || node instanceof RegExp) return node;
    if (Array.isArray(node)) return node.map((each) => plain(each, inHtml, field, parent));
    if (node.type === "PrivateIdentifier") return { type: node.type, number: number(node.name) };
    if (node.type === "Identifier" && renamed.has(node.name) && !isPublic(field, parent))
      return { type: node.type, number: number(node.name) };
    if (node.type === "TemplateElement" && inHtml)
      return { type: node.type, raw: node.value.raw.replace(/\s*\n\s*/g, "\n") };
    const html = node.type === "TaggedTemplateExpression" && node.tag.name === "html";
    return Object.fromEntries(
      Object.entries(node)
        .filter(([key]) => !POSITIONS.has(key))
        .map(([key, value]) => {
          const quasis = html ? key === "quasi" : inHtml && key === "quasis";
          return [key, plain(value, quasis, key, node)];
        }),
    );
  };
  return JSON.stringify(plain(ast, false));
}

/** Whether both are the same program; false if one cannot be parsed. */
function same(source, sent) {
  try {
    const [before, after] = [program(source), program(sent)];
    const kept = new Set();
    walk(after, ({ type, name }) => type === "Identifier" && kept.add(name));
    const capitals = renamedNames(before, /^[A-Z][A-Z0-9_]+$/, kept);
    return tree(before, capitals) === tree(after, renamedNames(after, /^\$[A-Za-z]+$/));
  } catch {
    return false;
  }
}

// The comparison itself must see damage, and nothing but damage.
const SAMPLES = [
  [true, "class A { #one; get() { return this.#one; } }", "class A{#a;get(){return this.#a}}"],
  [true, "f(a, [b,], /* c */);", "f(a,[b]);"],
  [true, "x = html`<p>\n    ${a}\n  </p>`;", "x=html`<p>\n${a}\n</p>`;"],
  [false, "x = css`<p>\n    ${a}\n  </p>`;", "x=css`<p>\n${a}\n</p>`;"],
  [false, "x = html`<p>${`a\n  b`}</p>`;", "x=html`<p>${`a\nb`}</p>`;"],
  [true, "const MAX = 1; a = `${MAX}`;", "const $a=1;a=`${$a}`;"],
  [false, "export const MAX = 1; a = MAX;", "export const $a=1;a=$a;"],
  [false, "const MAX = 1; a = { MAX };", "const $a=1;a={$a};"],
  [false, "const MAX = 1; a = b.MAX;", "const $a=1;a=b.$a;"],
  [false, "const A1 = 1; const B1 = 2; a = A1;", "const $a=1;const $b=2;a=$b;"],
  [false, "class A { #a; #b; c = this.#a; }", "class A{#a;#b;c=this.#b}"],
  [false, "return_(\n a)", "return_(b)"],
  [false, "a\n++b", "a++\nb"],
  [false, "x = a / b / c", "x = a /b/ d"],
  [false, "x = [a,,]", "x=[a]"],
  [false, "let a = 'b'", "let a='c"],
];
for (const [expected, source, sent] of SAMPLES)
  if (same(source, sent) !== expected)
    throw new Error(`The comparison is wrong about ${source} and ${sent}`);

const [sources, sent] = process.argv.slice(2);
const names = readdirSync(sent, { recursive: true }).filter((name) => name.endsWith(".js"));
const changed = names.filter(
  (name) => !same(readFileSync(join(sources, name), "utf8"), readFileSync(join(sent, name), "utf8")),
);
if (!names.length || changed.length)
  throw new Error(`${names.length} scripts; not the same program as sent: ${changed.join(", ")}`);
