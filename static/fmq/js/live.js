// Moves what stands on the page when a report changes: status pills, pins, votes, the timeline and photos of a report's
// own page, the chip that offers new reports. All words come from the page.

import { openChannel } from "./channel.js";
import { showVotes } from "./votes.js";

const WORLD = [-180, -85, 180, 85];
const QUIET = 10000; // between two announcements
const FRESH = 5000;
const RETRY = 5000;
const FRAGMENTS = [
  ["chronologie", "[data-timeline-region]", (kind) => !["voted", "photo_ready", "photo_changed", "commented", "comment_changed"].includes(kind)],
  ["photos", "[data-photos]", (kind) => kind.startsWith("photo") || kind === "status_changed"],
  // A photo may be a comment's.
  ["commentaires", "[data-comments-region]", (kind) => kind.startsWith("comment") || ["photo_ready", "photo_changed"].includes(kind)],
];

const find = (selector) => document.querySelector(selector);
const page = find("[data-live-page]").dataset;
const ownRef = find("[data-live-report]")?.dataset.liveReport;
const listeners = [];
let created = 0;
let pending = [];
let announcing;

// Tells `listener` of each change: {type, event, kind, late, report: {ref, status, category, location, votes}}.
export function onReport(listener) {
  listeners.push(listener);
}

// Watches what a map shows; cards beside it may lie anywhere, so a page that has any hears of everything.
export function watch(bbox) {
  channel.watch(find("[data-cards]") ? WORLD : bbox);
}

export function freshen(element) {
  element.classList.add("is-fresh");
  setTimeout(() => element.classList.remove("is-fresh"), FRESH);
}

function showState(state) {
  for (const chip of document.querySelectorAll(".live[data-live]")) {
    chip.hidden = false;
    if (chip.dataset.live === state && chip.textContent) continue;
    chip.dataset.live = state;
    chip.textContent = chip.dataset[state];
  }
}

function announce(words) {
  const region = find("[data-live-words]");
  pending.push(words);
  announcing ??= setTimeout(function speak() {
    if (!pending.length) return (announcing = undefined);
    region.textContent = pending.length === 1 ? pending[0] : `${region.dataset.changes} ${pending.length}`;
    pending = [];
    announcing = setTimeout(speak, QUIET);
  }, 500);
}

function patch(element, { status, votes, comments }) {
  const moved = element.dataset.status !== status;
  element.dataset.status = status;
  const pill = element.querySelector("[data-status-pill]");
  const template = find(`template[data-status-template="${status}"]`);
  if (pill && template && pill.dataset.status !== status) {
    const next = template.content.firstElementChild.cloneNode(true);
    next.className = pill.className;
    pill.replaceWith(next);
    const title = element.querySelector("h1, .card-title");
    if (title) announce(`${title.textContent} : ${next.textContent}`);
  }
  if (element.matches(".pin")) {
    const mark = element.querySelector("use");
    mark.setAttribute("href", mark.getAttribute("href").replace(/#.*/, `#s-${status}`));
  }
  if (votes !== undefined) showVotes(element, votes);
  if (comments !== undefined) {
    for (const count of element.querySelectorAll("[data-comment-count]")) {
      count.textContent = comments;
      count.closest("[data-comment-mark]").hidden = !comments;
    }
  }
  if (moved) freshen(element);
}

async function refresh([name, selector], event) {
  const region = find(selector);
  const address = new URL(location.pathname, location);
  address.searchParams.set("fragment", name);
  address.searchParams.set("event", event); // one cached answer for all who look on
  const response = await fetch(address).catch(() => undefined);
  if (!response) return setTimeout(refresh, RETRY, [name, selector], event);
  if (!response.ok || response.redirected) return location.reload();
  region.innerHTML = await response.text();
}

function offer({ ref, status, category, location: place }) {
  const template = find("template[data-live-new]");
  if (!template || find(`[data-cards] [data-report="${ref}"]`)) return;
  const asked = new URLSearchParams(location.search);
  const any = (name, value) => !asked.getAll(name).filter(Boolean).length || asked.getAll(name).includes(value);
  const [west, south, east, north] = (asked.get("bbox") || WORLD.join()).split(",").map(Number);
  const inBox = west <= place[0] && place[0] <= east && south <= place[1] && place[1] <= north;
  // Only the server can tell whether it matches words or a quarter.
  if (!any("status", status) || !any("category", category) || !inBox || asked.get("q") || asked.get("quarter")) return;
  created += 1;
  const chip = find("[data-new]") || template.content.firstElementChild.cloneNode(true);
  chip.querySelector("[data-new-count]").textContent = created;
  if (!chip.isConnected) find("[data-cards]")?.before(chip);
  announce(chip.textContent);
}

function apply(change) {
  const { type, kind, event, late, report } = change;
  if (report.ref === ownRef) {
    if (type === "report.gone") return location.reload(); // the page says what became of it
    FRAGMENTS.filter(([, selector, moves]) => moves(kind) && find(selector)).forEach((part) => refresh(part, event));
  }
  if (late) return;
  const shown = document.querySelectorAll(`[data-report="${report.ref}"]`);
  for (const element of shown) {
    if (type !== "report.gone") patch(element, report);
    else if (element.matches("[data-cards] *")) element.closest("[data-cards] > *").remove();
  }
  if (type === "report.created") offer(report);
  listeners.forEach((listener) => listener(change));
}

const channel = openChannel({
  path: ownRef ? `/ws/reports/${ownRef}/` : "/ws/map/",
  after: page.after ? Number(page.after) : undefined,
  onChange: apply,
  onState: showState,
});
if (ownRef) channel.connect();
else if (!find("[data-report-map]")) channel.watch(WORLD); // otherwise the map says what it shows
