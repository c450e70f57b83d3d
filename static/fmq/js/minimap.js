// The small map of one report: its pin, and nothing that catches the finger of somebody who scrolls. It is made when it
// comes into sight, because Leaflet weighs more than the rest of the page.

import { wake } from "./wake.js";

const STILL = { dragging: false, scrollWheelZoom: false, doubleClickZoom: false, touchZoom: false, keyboard: false };
const CLOSE = 16;

async function draw(element) {
  await wake(document.querySelector("[data-map-assets]"));
  const [{ makeMap }, { mark, pin }] = await Promise.all([import("./basemap.js"), import("./pins.js")]);
  const { lon, lat, ref, timing, icons } = element.dataset;
  const { status } = element.closest("[data-report]").dataset; // the page may have moved on meanwhile
  const map = makeMap(element, STILL);
  map.setView([Number(lat), Number(lon)], CLOSE, { animate: false });
  mark([Number(lon), Number(lat)], pin(icons, ref, status, status === "resolved" ? "" : timing), { interactive: false }).addTo(map);
}

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    sight.unobserve(target);
    draw(target).catch(() => addEventListener("online", () => sight.observe(target), { once: true }));
  }
}, { rootMargin: "200px" });
for (const element of document.querySelectorAll("[data-minimap]")) sight.observe(element);
