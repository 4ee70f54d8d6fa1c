// Taking favourites from a file: they are added to those of the browser, and nothing is removed. Where both
// have a note on an image, both are kept.

const hasLines = (text, part) => `\n${text}\n`.includes(`\n${part}\n`);

// `before` is the note that was taken from the same file last time.
function mergedNote(mine, theirs, before) {
  if (!theirs || hasLines(mine, theirs)) return mine;
  return !mine || mine === before || hasLines(theirs, mine) ? theirs : `${mine}\n${theirs}`;
}

// Returns how many favourites and how many notes are new.
function takeEntries(entries, before = new Map()) {
  const news = { added: 0, noted: 0 };
  changeFavourites(({ ids, notes }) => {
    for (const { id, note } of entries) {
      if (!ids.has(id)) news.added += 1;
      ids.add(id);
      const merged = mergedNote(noteOf(id), note, before.get(id));
      if (merged === noteOf(id)) continue;
      notes.set(id, merged);
      news.noted += 1;
    }
  });
  return news;
}

const newsText = ({ added, noted }) =>
  [added ? `${many(added, "favourite")} added` : "", noted ? `${many(noted, "note")} added` : ""].filter(Boolean).join(", ")
  || "nothing new";

// What of the project's favourites.yaml, as it was when this page was written, has not been taken yet. What the
// reader has removed since stays away until its note in the file changes.
function untaken() {
  const { entries = [] } = nst.favourites ?? {};
  return entries.filter(({ id, note }) => favourites.taken.get(id) !== note);
}

function markTaken() {
  changeFavourites(({ taken }) => { for (const { id, note } of nst.favourites.entries) taken.set(id, note); });
}

function takeProjectFile() {
  const { project, fault } = nst.favourites ?? {};
  if (fault) notice(`${fault}. Nothing was read from it; what the browser keeps is unharmed.`);
  const entries = untaken();
  if (!entries.length) return;
  if (project && project !== nst.project) {
    offer("favourites.yaml in the project's folder", project, entries, markTaken);
    return;
  }
  const news = takeEntries(entries, favourites.taken);
  markTaken();
  if (!files && (news.added || news.noted)) notice(`Read from the project's favourites.yaml: ${newsText(news)}.`);
}

async function readFile(file) {
  const kept = "Nothing was taken from it.";
  if (file.size > LARGEST_FILE) return notice(`${file.name} has ${Math.ceil(file.size / 1e6)} MB, a favourites file at most ${LARGEST_FILE / 1e6}. ${kept}`);
  let read;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    read = parseFavourites(text);
  } catch (error) {
    const what = error instanceof TypeError || error instanceof DOMException ? "it is not text in UTF-8" : error.message;
    return notice(`${file.name}: ${what}. ${kept}`);
  }
  if (read.project && read.project !== nst.project) return offer(file.name, read.project, read.entries);
  notice(`Read from ${file.name}: ${newsText(takeEntries(read.entries))}.`);
  showHearts();
}

// Ask before favourites of another project are taken: images of the same name may be other images.
function offer(name, project, entries, done = () => {}) {
  const here = entries.filter(({ id }) => byId.has(id));
  const what = `${name} is of the project ${project}, this page of ${nst.project}. `;
  if (!here.length) {
    done();
    notice(`${what}None of its ${many(entries.length, "image")} is on this page. Nothing was taken from it.`);
    return;
  }
  const take = () => {
    const news = takeEntries(here);
    done();
    notice(`Read from ${name}: ${newsText(news)}.`);
    showHearts();
  };
  notice(`${what}${here.length} of its ${many(entries.length, "image")} ${here.length === 1 ? "has" : "have"} the same name as one on this page.`,
    el("button", { type: "button", class: "strong", onclick: take }, `Take ${here.length === 1 ? "it" : `these ${here.length}`}`),
    el("button", { type: "button", onclick: () => { done(); notice(""); } }, "Leave them"));
}
