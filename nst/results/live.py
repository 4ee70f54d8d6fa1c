"""The page while a run is under way: written when it begins, then told what has changed.

The page itself is not written again. What changes is put in scripts beside it, which an open page asks
for; the last few changes are in results/gallery/live.js (`news`), the others in chunks that no longer
change.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from nst.config.grid import Cell, Grid
from nst.disk.derived import add, current_files, remove_others
from nst.disk.files import Stamp, stamp, write_whole
from nst.disk.record import token
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results.dated_back import date_back
from nst.results.externals_data import external_copies, external_marks
from nst.results.gallery import write_page
from nst.results.metrics import measured, pair_file
from nst.results.news import locked, read_news, shown_status, write_news, write_raw
from nst.results.numbers import shown_metrics
from nst.results.overlays import overlay_pictures
from nst.results.page_data import hole, made_cell, pair_groups
from nst.results.page_paths import FILMS, GALLERY, LIVE, PAGE, live_script, small_image, small_sheet
from nst.results.pair_scripts import HAVE_LOGS, cell_script
from nst.results.previews import films, small_images, small_originals, small_sheets
from nst.results.sheet import is_current
from nst.results.sheet_plan import plan
from nst.results.states import MADE, OUTDATED, State, finished_cells, log_of, survey

CHUNK = 200  # changes
Pair = tuple[str, str]


class LivePage:
    """The page of a run, kept up to date by the process that watches the run.

    Whatever cannot be read or written now is tried again at the next call.
    """

    def __init__(self, grid: Grid, states: Mapping[str, State], status: Mapping[str, Any]):
        """Write the page of what is there; a cell that the run will make must not be `made`."""
        self.grid, self.states = grid, dict(states)
        self.pairs: dict[Pair, list[Cell]] = {}
        for cell in grid.cells:
            self.pairs.setdefault((cell.content, cell.style), []).append(cell)
        self.pending: dict[str, None] = {}  # ids of cells that the page does not know yet
        self.old: set[str] = set()  # ids of cells with a small copy of the image that is replaced
        self.made = {name for name, state in states.items() if state.record}
        self.changes: dict[str, str] = {}  # JSON by id, of the last chunk
        self.groups: dict[str, str] = {}  # JSON by pair
        self.metrics: dict[str, str] = {}  # JSON by pair
        self.told = 0  # images in `metrics`
        self.seen = {pair: stamp(pair_file(*pair)) for pair in self.pairs}  # of the metrics told
        self.chunks = 0
        self.base, self.stamp = self._write_page(), stamp(PAGE)
        self._tell(status)

    def update(self, changed: Mapping[str, State], status: Mapping[str, Any]) -> None:
        """Tell the page of these cells, and how the run is."""
        self.states.update(changed)
        self.pending.update(dict.fromkeys(changed))
        if self._is_own():
            for name in list(self.pending):
                with suppress(NstError, OSError):  # as an image that is just being replaced
                    self._change(self.grid.by_id[name])
                    del self.pending[name]
            with suppress(NstError, OSError):
                self._measure()
        self._tell(status)

    def end(self, status: Mapping[str, Any]) -> None:
        """Tell the page how the run has ended, and what became of the cells that were under way."""
        cells = [cell for cell in self.grid.cells if self.states[cell.id].kind == "running"]
        self.update(survey(cells), status)

    def _write_page(self) -> str:
        """Write the page with the small copies, sheets and films that are there and current."""
        grid, states = self.grid, self.states
        made = finished_cells(grid, states)
        sheets = [sheet for sheet in plan(grid).values() if is_current(sheet, states)]
        shown = [cell for cell in grid.cells if states[cell.id].kind in (MADE, OUTDATED)]
        copies = [*small_images(shown), *small_sheets(sheet.name for sheet in sheets)]
        walks = films(grid, {cell.id for cell, _ in made}).values()
        current = current_files(GALLERY, copies) | current_files(FILMS, walks)
        self.old = {
            cell.id
            for cell in shown
            if states[cell.id].kind == OUTDATED and small_image(cell) in current
        }
        self._add_originals()
        scripts = {cell.id: live_script(cell, token(record)) for cell, record in made}
        scripts = {name: path for name, path in scripts.items() if path.exists()}
        own = {name: path.name.split(".")[-2] for name, path in scripts.items()}
        sheets = [sheet for sheet in sheets if small_sheet(sheet.name) in current]
        base = write_page(grid, PAGE, states, sheets, current, own)
        date_back(PAGE)  # so that the rule writes it again
        remove_others(LIVE, set(scripts.values()))
        return base

    def _add_originals(self) -> None:
        originals = [
            *small_originals(self.grid, whole=False),
            *overlay_pictures(self.grid, whole=False),
        ]
        originals += external_copies(external_marks(self.grid))
        current = current_files(GALLERY, originals)
        for derived in originals:
            if derived.path not in current:
                add(GALLERY, derived)

    def _is_own(self) -> bool:
        """Whether the page on disk is ours; Snakemake removes it before its rule writes another."""
        return stamp(PAGE) in ((), self.stamp)

    def _change(self, cell: Cell) -> None:
        """Put down what the page shows of a cell now."""
        state = self.states[cell.id]
        if state.record:
            mark = token(state.record)
            for derived in small_images([cell]):
                add(GALLERY, derived)
            entry = made_cell(self.grid, cell, state.record) | {"print": None}  # if any, of the old one
            self.old.discard(cell.id)
        else:
            mark = _log_mark(cell, state)
            entry = hole(state) | ({"old": True} if cell.id in self.old else {})
        if mark:
            entry["own"] = mark
            details = cell_script(self.grid, cell, state, mark)
            write_whole(live_script(cell, mark), details, durable=False)
        self.changes[cell.id] = _json(entry)
        if state.record or cell.id in self.made:
            self._regroup(cell)
            (self.made.add if state.record else self.made.discard)(cell.id)

    def _regroup(self, cell: Cell) -> None:
        """Put down how the cells of a pair compare now."""
        pair = cell.content, cell.style
        cells = [(one, self.states[one.id].record) for one in self.pairs[pair]]
        finished = [(one, record) for one, record in cells if record]
        self.groups["/".join(pair)] = _json(pair_groups(finished))

    def _measure(self) -> None:
        """Put down the metrics of the pairs that have been measured since the last call."""
        now: dict[Pair, Stamp] = {pair: stamp(pair_file(*pair)) for pair in self.pairs}
        sums = Sums()
        for pair in [pair for pair in self.pairs if now[pair] != self.seen[pair]]:
            cells = [cell for cell in self.pairs[pair] if self.states[cell.id].record]
            self._tell_metrics(pair, measured(cells, sums) if cells else {})
            self.seen[pair] = now[pair]

    def _tell_metrics(self, pair: Pair, metrics: Mapping[str, Mapping[str, float]]) -> None:
        """Put down metrics, with the mark of their image: they are not those of the next one."""
        records = {name: self.states[name].record for name in metrics}
        marked = {
            name: [token(record), shown_metrics(metrics[name])]
            for name, record in records.items()
            if record
        }
        self.metrics["/".join(pair)] = _json(marked)
        self.told += len(marked)

    def _tell(self, status: Mapping[str, Any]) -> None:
        """Write the news: ours, or only the status if the page has been written by others since."""
        with suppress(NstError, OSError), locked():
            if not self._is_own():
                if news := read_news():
                    write_news(news | {"status": shown_status(status)})
                return
            if max(len(self.changes), self.told) >= CHUNK:
                self._close_chunk()
            changes, groups, metrics = map(_table, (self.changes, self.groups, self.metrics))
            write_raw(
                f'{{"base":"{self.base}","chunks":{self.chunks},"changes":{changes},"groups":{groups},'
                f'"metrics":{metrics},"status":{_json(shown_status(status))}}}'
            )

    def _close_chunk(self) -> None:
        """Put the changes so far in a script that stays as it is."""
        changes, groups, metrics = map(_table, (self.changes, self.groups, self.metrics))
        code = f'nst.chunk("{self.base}",{changes},{groups},{metrics});\n'
        write_whole(LIVE / f"{self.base}-{self.chunks}.js", code.encode(), durable=False)
        self.chunks += 1
        self.changes, self.groups, self.metrics, self.told = {}, {}, {}, 0


def _log_mark(cell: Cell, state: State) -> str:
    """A name for the log of an attempt that has ended, if there is one."""
    log = stamp(log_of(cell))
    if state.kind not in HAVE_LOGS or state.kind == "running" or not log:
        return ""
    return hashlib.sha256(repr([state, log]).encode()).hexdigest()[:10]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _table(texts: Mapping[str, str]) -> str:
    """A JSON table of values that are JSON already."""
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in texts.items()) + "}"
