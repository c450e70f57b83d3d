// What lies under the pins: the configured tiles, or the town's own quarters from the database. Never a grey box.

const BASE = "/api/v1/basemap/";
const WAIT = 6000; // for the first tile
const MISSES = 3;
const MERCATOR = 85;

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

// Makes django-leaflet's map in `element` from the JSON block `<id>-options`, with our zoom buttons and base.
export function makeMap(element, options) {
  const djoptions = JSON.parse(JSON.parse(document.getElementById(`${element.id}-options`).textContent));
  djoptions.extent = null; // several towns: nobody is kept inside one
  const map = L.Map.djangoMap(element.id, {
    djoptions,
    zoomControl: false,
    ...(calm && { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false }),
    ...options,
  });
  const { zoomIn, zoomOut } = element.dataset;
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  addBase(map);
  return map;
}

// Lays the base under any Leaflet map: its own tile layers, or those of the surrounding `.map[data-tiles]`, or ours.
export function addBase(map) {
  const tiles = [];
  map.eachLayer((layer) => layer instanceof L.TileLayer && tiles.push(layer));
  const configured = map.getContainer().closest("[data-tiles]")?.dataset;
  if (configured && !tiles.length) {
    tiles.push(L.tileLayer(configured.tiles, { attribution: configured.attribution }).addTo(map));
  }
  if (tiles.length) useTiles(map, tiles);
  else ownBase(map);
}

// The box that the map shows, grown to the lines of a grid, so that neighbours and caches get the same answer.
export function gridBox(map) {
  const step = 360 / 2 ** Math.min(16, Math.floor(map.getZoom()));
  const bounds = map.getBounds();
  const snap = (value, round, limit) => Math.max(-limit, Math.min(limit, round(value / step) * step));
  return [
    snap(bounds.getWest(), Math.floor, 180),
    snap(bounds.getSouth(), Math.floor, MERCATOR),
    snap(bounds.getEast(), Math.ceil, 180),
    snap(bounds.getNorth(), Math.ceil, MERCATOR),
  ].map((edge) => Number(edge.toFixed(5)));
}

function useTiles(map, tiles) {
  let misses = 0;
  let settled = false;
  const fallBack = () => {
    if (settled) return;
    settled = true;
    tiles.forEach((layer) => layer.remove());
    ownBase(map);
  };
  for (const layer of tiles) {
    layer.on("tileload", () => (settled = true));
    layer.on("tileerror", () => (misses += 1) >= MISSES && fallBack());
  }
  setTimeout(fallBack, WAIT);
}

function ownBase(map) {
  const canvas = L.canvas({ pane: "tilePane" });
  const ink = getComputedStyle(map.getContainer());
  const colour = (name) => ink.getPropertyValue(name).trim();
  let shown, box, names, running;

  function style({ properties }) {
    const town = properties.layer === "town";
    return {
      color: colour(town ? "--line-control" : "--line"),
      weight: town ? 2 : 1,
      fill: town,
      fillColor: colour("--surface"),
      fillOpacity: 1,
    };
  }

  function nameOf({ properties: { layer, name, label } }) {
    const html = document.createElement("span");
    html.textContent = name;
    const icon = L.divIcon({ className: `map-name map-name-${layer}`, html, iconSize: null });
    return L.marker([label[1], label[0]], { icon, pane: "shadowPane", interactive: false, keyboard: false });
  }

  // Of two names that would lie on each other, the first stays.
  function spread() {
    const taken = [];
    for (const marker of names.getLayers()) {
      const label = marker.getElement();
      const { left, right, top, bottom } = label.firstChild.getBoundingClientRect();
      const free = taken.every((box) => left > box.right || right < box.left || top > box.bottom || bottom < box.top);
      label.hidden = !free;
      if (free) taken.push({ left, right, top, bottom });
    }
  }

  function draw(features) {
    shown?.remove();
    names?.remove();
    shown = L.geoJSON(features, { style, renderer: canvas, interactive: false }).addTo(map);
    names = L.layerGroup(features.filter(({ properties }) => properties.label).map(nameOf)).addTo(map);
    spread();
  }

  async function load() {
    const wanted = gridBox(map);
    const key = `?bbox=${wanted}&zoom=${Math.floor(map.getZoom())}`;
    if (key === box) return;
    box = key;
    running?.abort();
    running = new AbortController();
    try {
      const response = await fetch(BASE + key, { signal: running.signal });
      if (response.ok) draw((await response.json()).features);
    } catch (error) {
      if (error.name !== "AbortError") box = undefined; // asked again with the next move
    }
  }

  map.on("moveend", load);
  map.whenReady(() => setTimeout(load)); // the page's own first view comes right after
}
