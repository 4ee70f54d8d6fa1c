// What mouse, wheel and fingers do on a stage; points are measured from the middle of the pane under them.

const TAP = { time: 350, way: 10 }; // milliseconds, pixels

// `act` has zoom(factor, point), pinch(factor, point), point(point), drag(right, down, isSwipe), drop(isSwipe), doubleTap(point), and
// grab(event), which takes the pointer for itself by returning a function (event) that follows it.
function listenForGestures(root, act) {
  const pointers = new Map();
  let pane = null, taken = null, way = [0, 0], began = 0, pinched = false, lastTap = { time: -Infinity, point: [0, 0] };

  const pointOf = (event) => {
    if (!pointers.size) pane = event.target.closest(".pane") ?? pane; // else the stage has taken the pointer
    const box = (pane ?? root.querySelector(".pane")).getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  };
  const isSwipe = (event) => event.pointerType !== "mouse" && !pinched;

  root.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    act.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), pointOf(event));
  }, { passive: false });

  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest("button, a, select")) return;
    event.preventDefault();
    event.target.closest("dialog")?.focus({ preventScroll: true });
    root.setPointerCapture(event.pointerId);
    if (!pointers.size) {
      [way, began, pinched] = [[0, 0], event.timeStamp, false];
      taken = act.grab(event);
      taken?.(event);
    } else pinched = true;
    pointers.set(event.pointerId, { at: [event.clientX, event.clientY], point: pointOf(event) });
  });

  root.addEventListener("pointermove", (event) => {
    act.point(pointOf(event));
    const one = pointers.get(event.pointerId);
    if (!one) return;
    if (taken && pointers.size === 1) return taken(event);
    const before = spreadOf();
    one.at = [event.clientX, event.clientY];
    one.point = pointOf(event);
    const after = spreadOf(), by = [0, 1].map((side) => after.middle[side] - before.middle[side]);
    way = [way[0] + by[0], way[1] + by[1]];
    if (before.length) act.pinch(after.length / before.length, after.point);
    act.drag(...by, isSwipe(event));
  });

  // The middle of the fingers, and how far two of them are apart.
  function spreadOf() {
    const all = [...pointers.values()].slice(0, 2);
    const mean = (key) => [0, 1].map((side) => all.reduce((sum, one) => sum + one[key][side], 0) / all.length);
    return { middle: mean("at"), point: mean("point"), length: all.length < 2 ? 0 : Math.hypot(all[0].at[0] - all[1].at[0], all[0].at[1] - all[1].at[1]) };
  }

  for (const name of ["pointerup", "pointercancel"]) {
    root.addEventListener(name, (event) => {
      if (!pointers.delete(event.pointerId) || pointers.size) return;
      act.drop(name === "pointerup" && isSwipe(event));
      if (name === "pointerup" && !pinched && Math.hypot(...way) < TAP.way && event.timeStamp - began < TAP.time) tap(event);
      taken = null;
    });
  }
  function tap(event) {
    const point = pointOf(event), [right, down] = lastTap.point;
    if (event.timeStamp - lastTap.time < TAP.time && Math.hypot(point[0] - right, point[1] - down) < 3 * TAP.way) {
      lastTap.time = -Infinity;
      act.doubleTap(point);
    } else lastTap = { time: event.timeStamp, point };
  }
  root.addEventListener("pointerleave", () => act.point(null));
}
