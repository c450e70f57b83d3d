// The small map of a report in the back office: its pin, open neighbours, and the radius in which they were looked for.

import { deskMap } from "./desk-map.js";
import { mark, pin } from "./pins.js";

const QUARTER = 15; // the street among its neighbours

function draw(element) {
  const { deskMap: facts, icons } = element.dataset;
  const { report, near, radius } = JSON.parse(document.getElementById(facts).textContent);
  const own = [report.lat, report.lon];
  const colour = getComputedStyle(element).getPropertyValue("--brand").trim();
  const map = deskMap(element, own, QUARTER);
  const around = L.circle(own, { radius, color: colour, weight: 1, dashArray: "4 4", fillOpacity: 0.1, interactive: false });
  around.addTo(map);
  for (const { lon, lat, ref, status, timing } of near) {
    mark([lon, lat], pin(icons, ref, status, timing)).bindTooltip(ref).addTo(map);
  }
  mark([report.lon, report.lat], pin(icons, report.ref, report.status, report.timing), { zIndexOffset: 1000 }).addTo(map);
  // Neighbours are told apart only close up.
  if (near.length) map.fitBounds(around.getBounds().pad(0.2), { animate: false });
}

for (const element of document.querySelectorAll("[data-desk-map]")) draw(element);
