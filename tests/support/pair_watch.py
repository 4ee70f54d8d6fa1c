"""Scripts of the live page's tests; one watches for an image beside the numbers of another."""

# Says so on the console if an image that can be seen is not the one that the numbers beside it are of.
WATCH = """
const look = () => {
  requestAnimationFrame(look);
  if (typeof byId === 'undefined' || typeof open.facts === 'undefined') return;
  const wrong = (what, ...facts) => console.error('WRONG PAIR', what, ...facts);
  const visible = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const seen = (img) => img && visible(img) && img.complete && img.naturalWidth;
  for (const tile of document.querySelectorAll('#grid .tile')) {
    const img = tile.querySelector(':scope > img'), width = tile.cell?.size?.[0];
    if (seen(img) && img.naturalWidth !== width) wrong('grid', img.src, width);
  }
  for (const card of document.querySelectorAll('.cards figure, #compare figure')) {
    const img = card.querySelector('.image img, .tile img');
    const width = card.textContent.match(/style loss ?(\\d+)/)?.[1];
    if (!width) continue; // not what the cards are sorted by, or alike in a comparison
    if (seen(img) && String(img.naturalWidth) !== width) wrong('card', img.src, width);
  }
  const above = document.querySelector('#cell .image img');
  const width = document.querySelector('#cell .facts')?.textContent.match(/pixels(\\d+)/)?.[1];
  if (seen(above) && above.naturalWidth !== Number(width)) wrong('cell', above.src, width);
  const record = copies.record.textContent.match(/"seconds": (\\d+)/)?.[1];
  for (const ghost of document.querySelectorAll('.ghost')) {
    const words = ghost.closest('.viewer').querySelectorAll('h2, .facts, .differs');
    for (const one of words) if (visible(one)) wrong('ghost', ghost.firstChild.src, one.textContent);
  }
  if (visible(copies.record) && record && record !== width) wrong('record', record, width);
};
look();
"""

# An answer is on its way (`release` lets it come) when another image is opened.
HALF_ASKED = """
const asked = load, img = open.pane.layers.get('image').img;
const answers = window.answers = [];
const later = () => new Promise((resolve) => answers.push(resolve));
window.load = (path) => path.endsWith('live.js') ? later() : asked(path);
window.release = () => {
  nst.live({ base: nst.base, chunks: follow.chunks, changes: {}, groups: {}, status: null });
  answers.shift()(true);
};
unsure.set(img, {});
ask();
openCell(byId.get('c/t/style_weight-100'));
"""
