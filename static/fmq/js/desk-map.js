// A map of the back office: one finger scrolls the page past it, two fingers or the buttons move it.

import { addBase } from "./basemap.js";

const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;

// centre: [latitude, longitude] in degrees; `options` are Leaflet's.
export function deskMap(element, centre, zoom, options = {}) {
  const { zoomIn, zoomOut } = element.dataset;
  const map = L.map(element, {
    zoomControl: false,
    scrollWheelZoom: false,
    keyboard: false,
    dragging: !L.Browser.mobile,
    maxZoom: 19,
    ...(CALM && { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false }),
    ...options,
  }).setView(centre, zoom, { animate: false });
  map.attributionControl.setPrefix("");
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  addBase(map);
  return map;
}
