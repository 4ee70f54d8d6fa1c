// What is seen of pictures that zoom and pan together: a scale, and the point in the middle. No elements here.

const STOPS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]; // device pixels for a pixel of the picture
const ALIKE = 0.04; // pictures whose shapes differ by less cover each other

function makeView() {
  // `box`: width and height of a pane. `size`: of the picture that percentages are of. `scale`: CSS pixels for
  // one of its pixels, null while the whole picture fits. `x`, `y`: the middle, as shares of the picture.
  const view = { box: [1, 1], size: [1, 1], scale: null, x: 0.5, y: 0.5 };
  const fitOf = ([width, height]) => Math.min(view.box[0] / width, view.box[1] / height);

  view.fit = () => fitOf(view.size);
  view.now = () => view.scale ?? view.fit();
  view.level = () => view.now() * devicePixelRatio; // 1 is 100 %
  view.isFit = () => view.scale === null;

  view.zoomTo = (scale, [right, down] = [0, 0]) => { // about a point, from the middle of the pane
    const before = view.now();
    const stops = STOPS.map((stop) => stop / devicePixelRatio);
    const after = Math.min(Math.max(scale, Math.min(view.fit(), stops[3])), Math.max(stops.at(-1), view.fit()));
    view.x += (right / view.size[0]) * (1 / before - 1 / after);
    view.y += (down / view.size[1]) * (1 / before - 1 / after);
    view.scale = Math.abs(after / view.fit() - 1) < 0.001 ? null : after;
    view.pan(0, 0);
  };
  view.setLevel = (level, point) => view.zoomTo(level / devicePixelRatio, point);
  view.setFit = () => { view.scale = null; view.pan(0, 0); };

  // By a factor; the whole picture and 100 % are not jumped over.
  view.zoomBy = (factor, point) => {
    const from = view.now(), to = from * factor;
    const stop = [view.fit(), 1 / devicePixelRatio].find((one) => (one - from * (1 + Math.sign(factor - 1) * 1e-3)) * (one - to) < 0);
    view.zoomTo(stop ?? to, point);
  };
  view.step = (direction, point) => {
    const stops = [...STOPS.map((stop) => stop / devicePixelRatio), view.fit()].sort((a, b) => direction * (a - b));
    view.zoomTo(stops.find((stop) => direction * (stop / view.now() - 1) > 1e-3) ?? view.now(), point);
  };

  view.pan = (right, down) => {
    const scale = view.now();
    for (const [axis, by, side] of [["x", right, 0], ["y", down, 1]]) {
      const half = view.box[side] / (view.size[side] * scale) / 2; // what is seen, as a share of the picture
      view[axis] = half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, view[axis] - by / (view.size[side] * scale)));
    }
  };
  view.canPan = () => [0, 1].some((side) => view.size[side] * view.now() > view.box[side] + 1);

  // Where a picture of this size goes in a pane; each is shown as large as it fits. On whole device pixels, which
  // depends on where the pane is in the window.
  view.place = (size, [right, down] = [0, 0]) => {
    const whole = (length) => Math.round(length * devicePixelRatio) / devicePixelRatio;
    const scale = (fitOf(size) * view.now()) / view.fit();
    const [width, height] = size.map((side) => whole(side * scale));
    const left = whole(right + view.box[0] / 2 - view.x * width) - right, top = whole(down + view.box[1] / 2 - view.y * height) - down;
    return { left, top, width, height };
  };
  return view;
}

const areAlike = ([w, h], [width, height]) => Math.abs(Math.log((w * height) / (h * width))) <= ALIKE;
