// The rectangles that a moderator paints over a photo: boxes on the picture, which fill in the numbers of the form. All
// is kept in the form's own fields, in percent of the picture, so that it can be sent without this script as well.

const SIDES = ["x", "y", "w", "h"];
const FIRST = { x: 40, y: 40, w: 20, h: 15 };
const LEAST = 1; // percent
const RELOAD = 2500;

const form = document.querySelector("[data-mask-form]");
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const round = (value) => Math.round(value * 100) / 100;

if (document.querySelector("[data-preparing]")) setTimeout(() => location.reload(), RELOAD);

function start() {
  const stage = form.querySelector("[data-stage]");
  const rows = [...form.querySelectorAll("[data-row]")];
  const add = form.querySelector("[data-add]");
  const boxes = new Map();

  const field = (row, side) => row.querySelector(`[data-side="${side}"]`);
  const leave = (row) => row.querySelector("[data-leave]");
  const numbers = (row) => Object.fromEntries(SIDES.map((side) => [side, parseFloat(field(row, side).value)]));
  const isEmpty = (row) => SIDES.every((side) => !field(row, side).value);

  function write(row, { x, y, w, h }) {
    const wide = clamp(w, LEAST, 100);
    const high = clamp(h, LEAST, 100);
    const values = { x: clamp(x, 0, 100 - wide), y: clamp(y, 0, 100 - high), w: wide, h: high };
    for (const side of SIDES) field(row, side).value = round(values[side]);
    draw(row);
  }

  function clear(row) {
    for (const side of SIDES) field(row, side).value = "";
    leave(row).checked = false;
    row.hidden = true;
    draw(row);
    add.focus();
  }

  // Draws what the numbers say; numbers that make no rectangle have no box, and the server says why.
  function draw(row) {
    const { x, y, w, h } = numbers(row);
    const isSound = [x, y, w, h].every(Number.isFinite) && w > 0 && h > 0 && !leave(row).checked;
    let box = boxes.get(row);
    if (!isSound) {
      box?.remove();
      boxes.delete(row);
    } else {
      if (!box) {
        box = form.querySelector("template[data-box]").content.firstElementChild.cloneNode(true);
        box.querySelector("[data-number]").textContent = row.dataset.row;
        boxes.set(row, box);
        stage.append(box);
        listen(box, row);
      }
      Object.assign(box.style, { left: `${x}%`, top: `${y}%`, width: `${w}%`, height: `${h}%` });
    }
    const isFull = rows.every((each) => !each.hidden && !isEmpty(each));
    add.disabled = isFull;
    form.querySelector("[data-full]").hidden = !isFull;
  }

  function fresh() {
    const row = rows.find(isEmpty);
    if (row) row.hidden = false;
    return row;
  }

  // Follows one pointer until it is let go; `move` gets how far it went, in percent of the picture.
  function drag(element, event, move, finish) {
    const { width, height } = stage.getBoundingClientRect();
    const onMove = (next) =>
      move(((next.clientX - event.clientX) / width) * 100, ((next.clientY - event.clientY) / height) * 100);
    const onEnd = () => {
      element.removeEventListener("pointermove", onMove);
      finish?.();
    };
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", onMove);
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, onEnd, { once: true });
  }

  const resize = (row, was, dx, dy) =>
    write(row, { ...was, w: Math.min(was.w + dx, 100 - was.x), h: Math.min(was.h + dy, 100 - was.y) });

  function listen(box, row) {
    box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      box.focus();
      const was = numbers(row);
      const isGrip = event.target.closest("[data-grip]");
      drag(box, event, (dx, dy) => (isGrip ? resize(row, was, dx, dy) : write(row, { ...was, x: was.x + dx, y: was.y + dy })));
    });
    box.addEventListener("keydown", (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
      if (event.key === "Delete" || event.key === "Backspace") clear(row);
      else if (!dx && !dy) return;
      else if (event.shiftKey) resize(row, numbers(row), dx, dy);
      else write(row, { ...numbers(row), x: numbers(row).x + dx, y: numbers(row).y + dy });
      event.preventDefault();
    });
  }

  // A finger scrolls the page; only a mouse or a pen draws.
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch" || event.target.closest(".mask-box")) return;
    const row = rows.find(isEmpty);
    if (!row) return;
    event.preventDefault();
    const { left, top, width, height } = stage.getBoundingClientRect();
    const from = { x: ((event.clientX - left) / width) * 100, y: ((event.clientY - top) / height) * 100 };
    drag(stage, event, (dx, dy) => {
      if (Math.abs(dx) < LEAST && Math.abs(dy) < LEAST) return;
      row.hidden = false;
      const to = { x: clamp(from.x + dx, 0, 100), y: clamp(from.y + dy, 0, 100) };
      const corner = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y) };
      write(row, { ...corner, w: Math.abs(to.x - from.x), h: Math.abs(to.y - from.y) });
    }, () => boxes.get(row)?.focus());
  });

  add.addEventListener("click", () => {
    const row = fresh();
    if (!row) return;
    write(row, FIRST);
    boxes.get(row).focus();
    boxes.get(row).scrollIntoView({ block: "nearest" });
  });

  for (const row of rows) {
    row.addEventListener("input", () => draw(row));
    // Without a box a row is in the way; one with an error stays in sight.
    row.hidden = isEmpty(row) && !row.matches(".field-wrong");
    draw(row);
  }
  stage.classList.add("is-live");
  for (const part of form.querySelectorAll("[data-script]")) part.hidden = false;
  for (const part of form.querySelectorAll("[data-plain]")) part.hidden = true;
}

if (form) start();
