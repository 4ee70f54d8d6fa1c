// What the head of the page says: how many images there are, and how the run is.

const runLine = document.getElementById("run");
const headline = document.getElementById("count");
const absent = document.getElementById("absent");
const KINDS = ["failed", "stopped", "killed", "outdated", "damaged", "running", "missing"]; // in this order

const many = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function showHead(running) {
  const made = nst.cells.length, all = everyCell.length;
  const others = nst.externals.filter((one) => !one.state).length;
  headline.textContent = (made < all ? `${made} of ${many(all, "image")}` : many(all, "image"))
    + (others ? ` + ${others} by ${nst.makers.length > 1 ? "other programs" : "another program"}` : "");
  document.title = made < all ? `(${made} of ${all}) ${nst.title}` : nst.title;
  if (everyCell.some((cell) => cell.news)) {
    document.getElementById("time").textContent = span(nst.cells.reduce((sum, cell) => sum + cell.seconds, 0));
  }
  absent.hidden = running || made === all || Boolean(files); // while a run is under way, its line says how far it is
  const [faint, hatched] = [true, false].map((old) => nst.holes.filter((hole) => Boolean(hole.old) === old));
  const counted = (holes) => KINDS.map((kind) => [holes.filter((hole) => hole.state === kind).length, kind])
    .filter(([count]) => count).map((each) => each.join(" ")).join(", ");
  absent.textContent = [
    hatched.length ? `Not shown: ${counted(hatched)}.` : "",
    faint.length ? `Shown faintly and without numbers: ${counted(faint)}.` : "",
    everyCell.some((cell) => cell.news) ? "" : `As of ${absent.dataset.written}.`,
    "Open such a tile to see why; the next run makes what is missing.",
  ].filter(Boolean).join(" ");
}

// The time of day, with the date unless it is today.
function clock(seconds, precise = false) {
  const at = new Date(1000 * seconds);
  const time = { hour: "2-digit", minute: "2-digit", ...(precise ? { second: "2-digit" } : {}) };
  const day = at.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "long" };
  return at.toLocaleString("en-GB", { ...time, ...day });
}

function span(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute";
  return [minutes >= 60 ? `${Math.floor(minutes / 60)} h` : "", minutes % 60 ? `${minutes % 60} min` : ""].filter(Boolean).join(" ");
}

// What is said of a run; `silent` if nothing has been heard of it for a while.
function runText(run, silent) {
  const images = run.to_make === run.cells ? `${run.made} of ${many(run.cells, "image")}`
    : `${run.made} of the ${many(run.to_make, "image")} of this run`;
  const failed = run.failed ? `, ${run.failed} failed` : "";
  if (run.state === "running" && silent) return `${images}${failed}; no news since ${clock(run.written)}: was the run killed?`;
  if (run.state !== "running") return ending(run, images, failed);
  const [furthest] = [...run.under_way].sort((a, b) => b.evaluation / b.of - a.evaluation / a.of);
  return [images,
    furthest ? `${run.under_way.length} under way${furthest.evaluation ? ` (evaluation ${furthest.evaluation} of ${furthest.of})` : ""}` : "",
    run.failed ? `${run.failed} failed` : "",
    run.seconds_left === null ? "" : `${span(run.seconds_left)} left, ready about ${clock(run.written + run.seconds_left)}`,
  ].filter(Boolean).join(", ") + ` · as of ${clock(run.written, true)}`;
}

function ending(run, images, failed) {
  const at = clock(run.written);
  const next = "The same command makes what is missing.";
  if (run.state === "stopped") return `The run was stopped at ${at}: ${images}${failed}. ${next}`;
  if (run.state === "killed") return `The run was killed at about ${at}: ${images}${failed}. ${next}`;
  if (run.state === "failed") return `The run ended at ${at}: ${images}${failed}. ${next}`;
  return `The run ended at ${at}: ${images}`;
}

function showRun(run, silent) {
  const before = runLine.dataset.state, text = run ? runText(run, silent) : "";
  const after = !run ? "" : silent && run.state === "running" ? "silent" : run.state;
  // Once all images are there, an end needs no notice, even if a run before the last one was stopped.
  const isOver = run && after !== "running" && after !== "silent" && !nst.holes.length;
  document.getElementById("ended").textContent = isOver && after === "ended" ? `· the run ended at ${clock(run.page_written ?? run.written)}` : "";
  runLine.textContent = isOver ? "" : text;
  runLine.hidden = !runLine.textContent && !nst.holes.length;
  runLine.dataset.state = after;
  if (before === "running" && after !== before) say(text); // only ends are read out
}
