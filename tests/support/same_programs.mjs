// node same_programs.mjs SOURCES SERVED: check that each script below SERVED is the same program as
// the one below SOURCES. Acorn parses both; their syntax trees must be equal, except for what
// apps/core/minify_js.py changes on purpose: the names of private members, and the indentation of
// html`...` templates. Comments, spacing and trailing commas are not part of a syntax tree.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";

const POSITIONS = new Set(["start", "end"]);

/** The syntax tree as text. Private names are numbered in the order in which they appear. */
function tree(source) {
  const numbers = new Map();
  const number = (name) => {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name);
  };
  const plain = (node, inHtml) => {
    if (typeof node === "bigint") return `${node}n`;
    if (node === null || typeof node !== "object" || node instanceof RegExp) return node;
    if (Array.isArray(node)) return node.map((each) => plain(each, inHtml));
    if (node.type === "PrivateIdentifier") return { type: node.type, number: number(node.name) };
    if (node.type === "TemplateElement" && inHtml)
      return { type: node.type, raw: node.value.raw.replace(/\s*\n\s*/g, "\n") };
    const html = node.type === "TaggedTemplateExpression" && node.tag.name === "html";
    return Object.fromEntries(
      Object.entries(node)
        .filter(([key]) => !POSITIONS.has(key))
        .map(([key, value]) => {
          const quasis = html ? key === "quasi" : inHtml && key === "quasis";
          return [key, plain(value, quasis)];
        }),
    );
  };
  const program = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  return JSON.stringify(plain(program, false));
}

/** Whether both are the same program; false if one cannot be parsed. */
function same(source, served) {
  try {
    return tree(source) === tree(served);
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
  [false, "class A { #a; #b; c = this.#a; }", "class A{#a;#b;c=this.#b}"],
  [false, "return_(\n a)", "return_(b)"],
  [false, "a\n++b", "a++\nb"],
  [false, "x = a / b / c", "x = a /b/ d"],
  [false, "x = [a,,]", "x=[a]"],
  [false, "let a = 'b'", "let a='c"],
];
for (const [expected, source, served] of SAMPLES)
  if (same(source, served) !== expected)
    throw new Error(`The comparison is wrong about ${source} and ${served}`);

const [sources, served] = process.argv.slice(2);
const names = readdirSync(served, { recursive: true }).filter((name) => name.endsWith(".js"));
const changed = names.filter(
  (name) => !same(readFileSync(join(sources, name), "utf8"), readFileSync(join(served, name), "utf8")),
);
if (!names.length || changed.length)
  throw new Error(`${names.length} scripts; not the same program when minified: ${changed.join(", ")}`);
