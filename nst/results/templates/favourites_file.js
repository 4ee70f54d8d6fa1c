// favourites.yaml: how it is written, and a strict reader of it. The reader takes what this page writes and
// what a person is likely to edit in it; for anything else it names the line, and nothing is taken.

const LARGEST_FILE = 2_000_000; // bytes
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._+=/-]*$/; // needs no quotes anywhere in YAML, if it is no number or word
const LONGEST_LINE = 100_000; // characters
const UNPRINTABLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/; // in YAML 1.1, but tab and line feed
const WORDS = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

const escaped = (text) => text.toWellFormed().replace(new RegExp(UNPRINTABLE, "g"),
  (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

// JSON's strings are YAML's.
const quoted = (text) => escaped(JSON.stringify(text.toWellFormed()));
const yamlText = (text) =>
  PLAIN.test(text) && /[A-Za-z]/.test(text[0]) && !WORDS.includes(text.toLowerCase()) ? text : quoted(text);
const yamlId = (id) => (PLAIN.test(id) ? id : quoted(id)); // has slashes, so it is no number

// Several lines as a block, which people can edit, unless only quotes can hold them.
function yamlNote(note, indent) {
  const isBlock = note.includes("\n") && /^\S/.test(note) && /\S$/.test(note)
    && !note.includes("\t") && note.isWellFormed() && !UNPRINTABLE.test(note);
  if (!isBlock) return quoted(note);
  return `|-\n${note.split("\n").map((line) => (line ? indent + line : "")).join("\n")}`;
}

function favouritesYaml(project, entries) {
  const items = entries.map(({ id, note }) =>
    `- cell: ${yamlId(id)}\n${note ? `  note: ${yamlNote(note, "    ")}\n` : ""}`);
  return `project: ${yamlText(project)}\nfavourites:${items.length ? "\n" : " []\n"}${items.join("")}`;
}

// -> { project, entries: [{ id, note }] }. Throws an error that names the line.
function parseFavourites(text) {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const odd = lines.findIndex((line) => UNPRINTABLE.test(line));
  if (odd >= 0) throw new Error(`line ${odd + 1} has a character that is not text`);
  const file = { lines, at: 0 };
  const long = lines.findIndex((line) => line.length > LONGEST_LINE);
  if (long >= 0) throw new Error(`line ${long + 1} is too long`);
  const found = {};
  if (/^---\s*(#.*)?$/.test(peek(file)?.line ?? "")) file.at += 1;
  for (let next = peek(file); next && next.line !== "..."; next = peek(file)) {
    if (next.indent) refuse(file, "this does not belong to the line above");
    const { name, rest } = keyOf(file, next.line);
    if (!["project", "favourites"].includes(name)) refuse(file, `"${name}" is neither project nor favourites: not a favourites file?`);
    if (name in found) refuse(file, `${name} is there twice`);
    found[name] = name === "project" ? scalar(file, rest, 0) : favouriteItems(file, rest);
  }
  if (!found.favourites) throw new Error("it has no favourites: not a favourites file?");
  return { project: found.project ?? null, entries: found.favourites };
}

function refuse(file, what) {
  throw new Error(`line ${file.at + 1}: ${what}`);
}

// The next line that is neither empty nor a comment.
function peek(file) {
  while (file.at < file.lines.length && /^\s*(#.*)?$/.test(file.lines[file.at])) file.at += 1;
  if (file.at >= file.lines.length) return null;
  const [space] = file.lines[file.at].match(/^\s*/);
  if (/[^ ]/.test(space)) refuse(file, "indent with spaces");
  return { indent: space.length, line: file.lines[file.at].trimEnd().slice(space.length) };
}

function keyOf(file, line) {
  const [, name, rest] = line.match(/^([A-Za-z_]+)\s*:(?:\s+(.*))?$/) ?? refuse(file, `"${line.slice(0, 40)}" is not read here: write key: value`);
  return { name, rest: (rest ?? "").replace(/^#.*/, "") };
}

function favouriteItems(file, rest) {
  file.at += 1;
  if (/^\[\s*\]\s*(#.*)?$/.test(rest)) return [];
  if (rest) {
    file.at -= 1;
    refuse(file, "write one favourite per line, each with a dash");
  }
  const items = [], first = peek(file)?.indent;
  for (let next = peek(file); next && /^-(\s|$)/.test(next.line); next = peek(file)) {
    if (next.indent !== first) refuse(file, "dashes do not stand below each other");
    items.push(favouriteItem(file, next));
  }
  return items;
}

function favouriteItem(file, { indent, line }) {
  const [dash] = line.match(/^-\s*/), begun = file.at;
  const item = {}, column = indent + dash.length;
  let next = { indent: column, line: line.slice(dash.length) };
  if (/^[^\s"':]+\/[^\s:]+(\s+#.*)?$/.test(next.line)) next.line = `cell: ${next.line}`; // the name alone
  for (; next && next.indent === column; next = peek(file)) {
    const { name, rest } = keyOf(file, next.line);
    if (!["cell", "note"].includes(name)) refuse(file, `"${name}" is neither cell nor note`);
    if (name in item) refuse(file, `${name} is there twice`);
    item[name] = scalar(file, rest, column);
  }
  if (next && next.indent > indent) refuse(file, "this does not belong to the line above");
  const id = item.cell ?? "";
  if (!/^[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(id) || id.length > 400) {
    file.at = begun;
    refuse(file, `${id ? `"${id.slice(0, 40)}"` : "this"} names no image: write cell: content/style/variant`);
  }
  return { id, note: (item.note ?? "").trimEnd() };
}

// The text that follows a key; `column` is where the key stands. The next line is the one after it.
function scalar(file, rest, column) {
  if (/^[|>]/.test(rest)) return block(file, rest, column);
  const text = rest.startsWith('"') ? doubleQuoted(file, rest) : rest.startsWith("'") ? singleQuoted(file, rest) : plain(file, rest);
  file.at += 1;
  const next = peek(file);
  if (next && next.indent > column) refuse(file, "write longer text in quotes on one line, or as a block after |");
  return text;
}

function plain(file, rest) {
  const text = rest.replace(/\s+#.*$/, "").trimEnd();
  if (/^([,[\]{}#&*!|>%@`]|[-?:](\s|$))/.test(text) || /:(\s|$)/.test(text)) refuse(file, "put this text in quotes");
  return text;
}

function singleQuoted(file, rest) {
  const [, text] = rest.match(/^'((?:[^']|'')*)'\s*(?:\s#.*)?$/) ?? refuse(file, "the quotes are not closed, or something follows them");
  return text.replaceAll("''", "'");
}

const ESCAPES = { 0: "\0", a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r", e: "\x1b", N: "\x85", _: "\xa0", L: "\u2028", P: "\u2029" };

function doubleQuoted(file, rest) {
  const [, text] = rest.match(/^"((?:[^"\\]|\\.)*)"\s*(?:\s#.*)?$/) ?? refuse(file, "the quotes are not closed, or something follows them");
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U00[01][0-9a-fA-F]{5}|.)/gu, (whole, code) => {
    if (code.length > 1) {
      const point = parseInt(code.slice(1), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : refuse(file, `${whole} is no character`);
    }
    if (code in ESCAPES) return ESCAPES[code];
    return ['"', "\\", "/", " ", "\t"].includes(code) ? code : refuse(file, `${whole} is not read here`);
  });
}

// Lines below a key that ends in |, as they are.
function block(file, rest, column) {
  const [, chomp] = rest.match(/^\|([-+]?)\s*(?:\s#.*)?$/) ?? refuse(file, "write |, or put this text in quotes");
  file.at += 1;
  const from = file.at;
  const first = file.lines.slice(from).find((line) => /\S/.test(line)) ?? "";
  const indent = first.match(/^ */)[0].length;
  if (indent <= column) return "";
  while (file.at < file.lines.length && /^ *$/.test(file.lines[file.at].slice(0, indent))) file.at += 1;
  const lines = file.lines.slice(from, file.at).map((line) => line.slice(indent));
  const text = lines.join("\n");
  const body = text.replace(/\n*$/, "");
  return chomp === "-" ? body : chomp === "+" ? `${text}\n` : body && `${body}\n`;
}
