// The tasks on a phone: numbered on a map, in the order of the list; "from here" asks the phone where it is; the photo of a
// repair is sent as soon as it is taken.

import { deskMap } from "./desk-map.js";

const STREET = 16;
const ROUGH = 3; // digits, about 100 m: enough for an order, and it stands in an address
const GPS = { enableHighAccuracy: false, timeout: 8000, maximumAge: 60000 };

function draw(element) {
  const { stops, way, start } = JSON.parse(document.getElementById(element.dataset.tasksMap).textContent);
  const colour = getComputedStyle(element).getPropertyValue("--brand").trim();
  const places = stops.map(({ lat, lon }) => [lat, lon]);
  const map = deskMap(element, places[0], STREET);
  const line = [...(start ? [[start[1], start[0]]] : []), ...places];
  if (way) L.polyline(line, { color: colour, weight: 3, opacity: 0.7, interactive: false }).addTo(map);
  stops.forEach(({ ref, status }, index) => {
    const icon = L.divIcon({ className: "stop", iconSize: [32, 32], html: String(index + 1) });
    const marker = L.marker(places[index], { icon, title: ref }).addTo(map);
    marker.getElement().dataset.status = status;
    marker.on("click", () => document.querySelector(`.task[data-report="${ref}"] a`).focus());
  });
  if (start) L.circleMarker([start[1], start[0]], { radius: 8, color: colour, interactive: false }).addTo(map);
  map.fitBounds(L.latLngBounds(line).pad(0.1), { maxZoom: STREET, animate: false });
}

for (const element of document.querySelectorAll("[data-tasks-map]")) draw(element);

const round = document.querySelector("[data-tasks-round]");
round?.addEventListener("submit", (event) => {
  if (!navigator.geolocation || round.elements.lon.value) return;
  event.preventDefault();
  const send = () => round.submit();
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    round.elements.lon.value = coords.longitude.toFixed(ROUGH);
    round.elements.lat.value = coords.latitude.toFixed(ROUGH);
    send();
  }, send, GPS); // refused: the way begins at what is due first
});

for (const form of document.querySelectorAll("[data-camera]")) {
  form.querySelector("[data-camera-send]").hidden = true;
  const input = form.querySelector("input[type=file]");
  input.classList.add("vh");
  input.addEventListener("change", () => input.files.length && form.requestSubmit());
}
