// Following an area: a quarter or a circle; the circle lies on a map that moves under a fixed pin, loaded only when somebody
// wants one.

import { wake } from "./wake.js";

const TOWN_ZOOM = 13;
const DIGITS = 5;

const form = document.querySelector("[data-area-form]");
if (form) begin();

function begin() {
  const part = (kind) => form.querySelector(`[data-of="${kind}"]`);
  const chosen = () => form.querySelector("input[name=kind]:checked")?.value || "quarter";
  let opening;

  function show() {
    part("quarter").hidden = chosen() === "circle";
    part("circle").hidden = chosen() !== "circle";
    if (chosen() === "circle") opening ??= open().catch(() => { opening = undefined; }); // no network: asked again by the next choice
  }

  form.querySelector("[data-kind]").hidden = false;
  form.addEventListener("change", ({ target }) => target.name === "kind" && show());
  show();
}

async function open() {
  const frame = form.querySelector("[data-map-part]");
  await wake(document.querySelector("[data-map-assets]"));
  const { makeMap } = await import("./basemap.js");
  frame.hidden = false;
  form.querySelector("[data-without-script]")?.remove(); // the map says it from now on
  const { lon, lat, radius_m: radius } = form.elements;
  const map = makeMap(frame.querySelector("[data-area-map]"), {});
  const colour = getComputedStyle(frame).getPropertyValue("--brand");
  const [town = [0, 0]] = JSON.parse(document.getElementById("villes").textContent);
  const circle = L.circle([0, 0], { radius: Number(radius.value), interactive: false, weight: 2, color: colour, fillOpacity: 0.15 });

  function follow() {
    const { lng, lat: north } = map.getCenter().wrap();
    circle.setLatLng([north, lng]);
    [lon.value, lat.value] = [lng.toFixed(DIGITS), north.toFixed(DIGITS)];
  }

  function fit() {
    circle.setRadius(Number(radius.value));
    map.fitBounds(circle.getBounds(), { animate: false });
  }

  const start = lon.value && lat.value ? [Number(lat.value), Number(lon.value)] : [town[1], town[0]];
  map.setView(start, TOWN_ZOOM, { animate: false });
  circle.setLatLng(start).addTo(map);
  fit();
  follow();
  map.on("move", follow);
  map.on("click", ({ latlng }) => map.panTo(latlng)); // nothing by dragging alone
  radius.addEventListener("change", fit);
  const locate = frame.querySelector("[data-locate]");
  if (!navigator.geolocation || !isSecureContext) return;
  locate.hidden = false;
  locate.addEventListener("click", () => map.locate({ timeout: 10000 }));
  map.on("locationfound", ({ latlng }) => {
    circle.setLatLng(latlng);
    fit();
  });
}
