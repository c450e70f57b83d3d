// The small map of a report in the back office: its pin, open neighbours, the radius in which they were looked for, and
// the outline of the quarter, which is the ground where no tile server answers.

const SVG = "http://www.w3.org/2000/svg";
const CLOSE_UP = 17;

function pin({ status, icon, ref }, sprite, isOwn) {
  const mark = document.createElement("div");
  mark.className = isOwn ? "pin is-own" : "pin";
  mark.dataset.status = status;
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "icon");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#i-${icon}`);
  picture.append(use);
  mark.append(picture);
  return L.divIcon({ className: "desk-pin", html: mark, iconSize: [36, 44], iconAnchor: [18, 42], tooltipAnchor: [0, -40], title: ref });
}

function draw(region) {
  const data = JSON.parse(document.getElementById(region.dataset.deskMap).textContent);
  const own = [data.report.lat, data.report.lon];
  const colour = getComputedStyle(region).getPropertyValue("--brand").trim();
  const map = L.map(region.querySelector(".map-canvas > div"), {
    zoomControl: false,
    scrollWheelZoom: false,
    keyboard: false,
    // One finger scrolls the page past the map; two fingers or the buttons move it.
    dragging: !L.Browser.mobile,
    maxZoom: 19,
  }).setView(own, CLOSE_UP);
  map.attributionControl.setPrefix("");
  L.control.zoom({ zoomInTitle: region.dataset.zoomIn, zoomOutTitle: region.dataset.zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (data.tiles) L.tileLayer(data.tiles, { attribution: data.attribution, maxZoom: 19 }).addTo(map);
  const quarter = data.outline && L.geoJSON(JSON.parse(data.outline), { interactive: false, style: { color: colour, weight: 2, fillOpacity: 0.06 } }).addTo(map);
  const around = L.circle(own, { radius: data.radius, color: colour, weight: 1, dashArray: "4 4", fillOpacity: 0.08, interactive: false }).addTo(map);
  for (const near of data.near) {
    L.marker([near.lat, near.lon], { icon: pin(near, region.dataset.sprite, false), keyboard: false }).bindTooltip(near.ref).addTo(map);
  }
  L.marker(own, { icon: pin(data.report, region.dataset.sprite, true), keyboard: false, zIndexOffset: 1000 }).addTo(map);
  // Neighbours are told apart close up; without any, and without tiles, the quarter's outline says where this is.
  if (data.near.length) map.fitBounds(around.getBounds().pad(0.2), { animate: false });
  else if (!data.tiles && quarter) map.fitBounds(quarter.getBounds(), { maxZoom: 16, animate: false });
}

for (const region of document.querySelectorAll("[data-desk-map]")) draw(region);
