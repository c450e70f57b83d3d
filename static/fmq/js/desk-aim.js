// Choosing a point in the back office: the map moves under a fixed pin and fills in the two numbers beside it. It is made
// when its part of the page is opened.

import { deskMap } from "./desk-map.js";

const STREET = 17;
const DIGITS = 6;

function open(part) {
  const frame = part.querySelector("[data-aim-part]");
  const [lon, lat] = ["lon", "lat"].map((name) => part.querySelector(`input[name=${name}]`));
  frame.hidden = false;
  // Only this map is moved to be aimed with, by one finger too.
  const centre = [Number(lat.value), Number(lon.value)];
  const map = deskMap(frame.querySelector("[data-aim-map]"), centre, STREET, { dragging: true, keyboard: true });
  map.on("move", () => {
    const { lng, lat: north } = map.getCenter().wrap();
    [lon.value, lat.value] = [lng.toFixed(DIGITS), north.toFixed(DIGITS)];
  });
  map.on("click", ({ latlng }) => map.panTo(latlng)); // nothing by dragging alone
}

for (const part of document.querySelectorAll("[data-aim]")) {
  const details = part.closest("details");
  if (details.open) open(part);
  else details.addEventListener("toggle", () => open(part), { once: true });
}
