// The small map of a report in the back office: its pin, open neighbours, and the radius in which they were looked for.

import { addBase } from "./basemap.js";
import { mark, pin } from "./pins.js";

const QUARTER = 15; // the street among its neighbours
const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;

function draw(element) {
  const { deskMap, icons, zoomIn, zoomOut } = element.dataset;
  const { report, near, radius } = JSON.parse(document.getElementById(deskMap).textContent);
  const own = [report.lat, report.lon];
  const colour = getComputedStyle(element).getPropertyValue("--brand").trim();
  const map = L.map(element, {
    zoomControl: false,
    scrollWheelZoom: false,
    keyboard: false,
    // One finger scrolls the page past the map; two fingers or the buttons move it.
    dragging: !L.Browser.mobile,
    maxZoom: 19,
    ...(CALM && { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false }),
  }).setView(own, QUARTER);
  map.attributionControl.setPrefix("");
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  addBase(map);
  const around = L.circle(own, { radius, color: colour, weight: 1, dashArray: "4 4", fillOpacity: 0.1, interactive: false });
  around.addTo(map);
  for (const { lon, lat, ref, status } of near) mark([lon, lat], pin(icons, ref, status)).bindTooltip(ref).addTo(map);
  mark([report.lon, report.lat], pin(icons, report.ref, report.status), { zIndexOffset: 1000 }).addTo(map);
  // Neighbours are told apart only close up.
  if (near.length) map.fitBounds(around.getBounds().pad(0.2), { animate: false });
}

for (const element of document.querySelectorAll("[data-desk-map]")) draw(element);
