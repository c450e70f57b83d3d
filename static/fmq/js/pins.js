// Marks on a map: a drop whose colour and shape tell the status, a disc with a number for several reports.

const BIG = 100;

function icon(className, size, anchor, fill) {
  const shape = new L.DivIcon({ className, iconSize: [size, size], iconAnchor: anchor });
  shape.createIcon = (old) => {
    const element = L.DivIcon.prototype.createIcon.call(shape, old);
    fill(element);
    return element;
  };
  return shape;
}

const LATE = ["late", "very_late"];

export const isLate = (timing) => LATE.includes(timing);

// `icons` is the address of the sprite. The drop's tip is at the middle of its lower edge. What is late wears a clock.
export function pin(icons, ref, status, timing) {
  return icon("pin", 44, [22, 38], (element) => {
    element.dataset.report = ref;
    element.dataset.status = status;
    element.innerHTML = '<svg class="icon" aria-hidden="true"><use/></svg>';
    element.querySelector("use").setAttribute("href", `${icons}#s-${status}`);
    if (!isLate(timing)) return;
    element.dataset.late = timing;
    element.insertAdjacentHTML("beforeend", '<span class="pin-late"><svg class="icon" aria-hidden="true"><use/></svg></span>');
    element.querySelector(".pin-late use").setAttribute("href", `${icons}#i-clock`);
  });
}

export function disc(count) {
  const size = count < BIG ? 44 : 56;
  return icon(size > 44 ? "cluster cluster-big" : "cluster", size, [size / 2, size / 2], (element) => {
    element.textContent = count > 9999 ? `${Math.round(count / 1000)}k` : count;
  });
}

// A mark stays out of the tab order: twenty pins are twenty stops, and the list says the same.
export function mark(place, icon, options) {
  return L.marker([place[1], place[0]], { icon, keyboard: false, ...options });
}
