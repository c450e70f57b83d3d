// The map of all reports: counted cells far away, pins close up, both with the filters of the page's address.

import { gridBox, makeMap } from "./basemap.js";
import { freshen, onReport, watch } from "./live.js";
import { disc, isLate, mark, pin } from "./pins.js";
import { dress } from "./support.js";

const FEATURES = "/api/v1/map/";
const PAUSE = 250; // after the last move
const AGAIN = 2000; // between two reads that only changes ask for
const RECENT = 200;
const LIST_ONLY = ["view", "page", "sort", "bbox"];
const DESKTOP = matchMedia("(min-width: 56em)");

const element = document.querySelector("[data-report-map]");
const region = element.closest(".map");
const facts = JSON.parse(document.getElementById("map-facts").textContent);
const { icons } = element.dataset;
const asked = new URLSearchParams(location.search);
const filters = new URLSearchParams([...asked].filter(([name, value]) => value && !LIST_ONLY.includes(name)));
const corners = ([west, south, east, north]) => [[south, west], [north, east]];

const map = makeMap(element, { tapTolerance: 20 });
const layer = L.layerGroup().addTo(map);
const pins = new Map(); // ref → marker
let covered, zoomed, running, waiting;
let cells = false;
let readAt = 0;

// --- Features --------------------------------------------------------------------------------------------------------

const holds = ([west, south, east, north], [lon, lat]) => west <= lon && lon <= east && south <= lat && lat <= north;

function drawCell({ geometry: { coordinates }, properties: { count } }) {
  mark(coordinates, disc(count), { title: `${element.dataset.count} ${count}` })
    .on("click", () => map.setView([coordinates[1], coordinates[0]], map.getZoom() + 2))
    .addTo(layer);
}

function drawPin(place, { ref, status, category, votes = 0, timing = "" }) {
  const name = facts.categories[category];
  const title = isLate(timing) ? `${name} – ${element.dataset.late}` : name;
  const marker = mark(place, pin(icons, ref, status, timing), { title });
  marker.report = { ref, status, category, votes, timing };
  marker.on("click", () => openCard(marker)).addTo(layer);
  pins.set(ref, marker);
  return marker;
}

function draw({ shows, features }) {
  layer.clearLayers();
  pins.clear();
  cells = shows === "cells";
  for (const feature of features) {
    if (cells) drawCell(feature);
    else drawPin(feature.geometry.coordinates, feature.properties);
  }
  // A cache may have answered with the pins of a minute ago.
  if (!cells) for (const change of recent.values()) move(change);
}

// `event`: the change that asks for it, so that no cache answers from before; every map that hears of it asks the same.
async function read(event) {
  const box = gridBox(map);
  const zoom = Math.floor(map.getZoom());
  if (!event && zoom === zoomed && `${box}` === `${covered}`) return;
  [covered, zoomed, readAt] = [box, zoom, Date.now()];
  running?.abort();
  running = new AbortController();
  const query = new URLSearchParams(filters);
  query.set("bbox", box);
  query.set("zoom", zoom);
  if (event) query.set("event", event);
  try {
    const response = await fetch(`${FEATURES}?${query}`, { signal: running.signal });
    if (!response.ok) throw new Error(`${FEATURES} ${response.status}`);
    draw(await response.json());
  } catch (error) {
    if (error.name !== "AbortError") covered = undefined; // asked again with the next move
  }
}

function readSoon(event) {
  clearTimeout(waiting);
  waiting = setTimeout(read, Math.max(0, readAt + AGAIN - Date.now()), event);
}

// --- Live ------------------------------------------------------------------------------------------------------------

const recent = new Map(); // ref → the last change, in the order of their arrival
const asks = (name) => filters.getAll(name).flatMap((value) => value.split(","));
const allows = (name, value) => !filters.has(name) || asks(name).includes(value);
const onlyServerKnows = [...filters.keys()].some((name) => !["status", "category"].includes(name));

function move({ type, report }) {
  const marker = pins.get(report.ref);
  const here = type !== "report.gone" && holds(covered, report.location) && allows("status", report.status);
  if (marker && !here) {
    marker.remove();
    pins.delete(report.ref);
  } else if (marker) {
    Object.assign(marker.report, report, { votes: report.votes ?? marker.report.votes });
    marker.setLatLng([report.location[1], report.location[0]]);
    marker.setIcon(pin(icons, report.ref, report.status, report.timing));
    return marker;
  } else if (here && allows("category", report.category) && !onlyServerKnows) {
    return drawPin(report.location, report);
  }
  return undefined;
}

onReport((change) => {
  const { late, event, report } = change;
  if (late) return;
  recent.delete(report.ref);
  recent.set(report.ref, change);
  if (recent.size > RECENT) recent.delete(recent.keys().next().value);
  if (!covered || !holds(covered, report.location)) return;
  if (cells || (onlyServerKnows && !pins.has(report.ref))) readSoon(event);
  else {
    const moved = move(change);
    if (moved) freshen(moved.getElement());
  }
});

// --- A report's card -------------------------------------------------------------------------------------------------

const sheet = region.querySelector("[data-sheet]");

function openCard(marker) {
  const { ref, status, category, votes, timing } = marker.report;
  const card = region.querySelector("template[data-card]").content.firstElementChild.cloneNode(true);
  const pill = document.querySelector(`template[data-status-template="${status}"]`);
  const link = card.querySelector("a");
  card.dataset.report = ref;
  card.dataset.status = status;
  link.textContent = facts.categories[category];
  link.href = facts.report_url.replace("REF", ref);
  card.querySelector("[data-ref]").textContent = ref;
  card.querySelector("[data-late-words]").hidden = !isLate(timing);
  card.querySelector("[data-votes]").textContent = votes;
  card.querySelector("[data-status-pill]").replaceWith(pill.content.firstElementChild.cloneNode(true));
  const support = card.querySelector("form[data-support]");
  support.dataset.support = ref;
  support.action = facts.support_url.replace("REF", ref);
  dress(card);
  if (/(^|; )fmq_here=1/.test(document.cookie)) import("./own.js").then(({ ask }) => ask([ref]));
  card.querySelector("[data-close]").addEventListener("click", closeCard);
  closeCard();
  if (DESKTOP.matches) {
    const options = { offset: [0, -30], closeButton: false, minWidth: 240 };
    L.popup(options).setLatLng(marker.getLatLng()).setContent(card).openOn(map);
  } else {
    sheet.replaceChildren(card);
    sheet.hidden = false;
  }
  link.focus({ preventScroll: true });
}

function closeCard() {
  map.closePopup();
  sheet.hidden = true;
}

map.on("click", closeCard);
region.addEventListener("keydown", ({ key }) => key === "Escape" && closeCard());

// --- Where the map looks ---------------------------------------------------------------------------------------------

function edges() {
  const [low, high] = [map.getBounds().getSouthWest(), map.getBounds().getNorthEast()];
  const within = (value, limit) => Number(Math.max(-limit, Math.min(limit, value)).toFixed(4));
  return [within(low.lng, 180), within(low.lat, 85), within(high.lng, 180), within(high.lat, 85)];
}

// The list and the filters keep the box that the person chose by moving the map.
function keepView() {
  const bbox = edges().join();
  const here = new URL(location);
  here.searchParams.set("bbox", bbox);
  history.replaceState(history.state, "", here);
  for (const link of document.querySelectorAll(".switch a")) {
    const address = new URL(link.href);
    address.searchParams.set("bbox", bbox);
    link.href = address;
  }
  const area = document.querySelector("a[data-follow-area]");
  const follow = new URL(area.href);
  follow.searchParams.set("bbox", bbox);
  area.href = follow;
  const form = document.querySelector("form[data-filters]");
  if (!form) return;
  const field = form.elements.bbox || document.createElement("input");
  Object.assign(field, { type: "hidden", name: "bbox", value: bbox });
  form.append(field);
}

const given = (asked.get("bbox") || "").split(",").map(Number);
const start = given.length === 4 && given.every(Number.isFinite) ? given : facts.bounds;
if (start) map.fitBounds(corners(start), { animate: false });
read();
watch(edges());

let settling;
map.on("moveend", () => {
  clearTimeout(settling);
  settling = setTimeout(() => {
    keepView();
    read();
    watch(edges());
  }, PAUSE);
});

const locate = region.querySelector("[data-locate]");
if (navigator.geolocation && isSecureContext) {
  let me;
  locate.hidden = false;
  locate.addEventListener("click", () => map.locate({ setView: true, maxZoom: 16, timeout: 10000 }));
  map.on("locationfound", ({ latlng, accuracy }) => {
    me?.remove();
    me = L.circle(latlng, { radius: accuracy, interactive: false, className: "map-me" }).addTo(map);
  });
  map.on("locationerror", () => (region.querySelector("[data-map-words]").textContent = locate.dataset.failed));
}
