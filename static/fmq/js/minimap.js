// The small map of one report: its pin, and nothing that catches the finger of somebody who scrolls.

import { makeMap } from "./basemap.js";
import { mark, pin } from "./pins.js";

const STILL = { dragging: false, scrollWheelZoom: false, doubleClickZoom: false, touchZoom: false, keyboard: false };
const CLOSE = 15;

for (const element of document.querySelectorAll("[data-minimap]")) {
  const { lon, lat, ref, status, icons } = element.dataset;
  const map = makeMap(element, STILL);
  map.setView([Number(lat), Number(lon)], CLOSE, { animate: false });
  mark([Number(lon), Number(lat)], pin(icons, ref, status), { interactive: false }).addTo(map);
}
