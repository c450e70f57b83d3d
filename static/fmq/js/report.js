// The report in steps: photo, what, where, already reported?, check. Without this file the page is one long form.
// Back and forward walk through the steps; every answer is kept at once; nothing is lost when sending fails.

import { clear, restore, save } from "./report-draft.js";
import { pickPhotos } from "./report-photos.js";
import { choosePlace } from "./report-place.js";
import { send } from "./report-send.js";

const NUMBERS = { photo: 1, what: 2, where: 3, nearby: 3, check: 4 };
const BEFORE = { what: "photo", where: "what", nearby: "where", check: "where" };
const NEARBY_MS = 4000;
const HOUR_MS = 3600000;

const flow = document.querySelector("[data-flow]");
const form = flow.querySelector("[data-report-form]");
const texts = JSON.parse(document.getElementById("textes").textContent);
const steps = Object.fromEntries([...form.querySelectorAll("[data-step]")].map((step) => [step.dataset.step, step]));
const told = form.querySelector("[data-told]");
const sendButton = form.querySelector("[data-send]");
const progress = form.querySelector("[data-progress]");
const summary = flow.querySelector("[data-summary]");
const plainTitle = document.title;

const state = { step: "", isEditing: false, isSending: false, isSent: false, inWords: false, sendAfterNearby: false };
const category = () => form.querySelector("[name=category]:checked");

// Answers that only the script has: whether twins were looked at (the page's own button no longer says so), and the place
// in words.
form.querySelector("[data-other]").removeAttribute("name");
for (const [name, value] of [["anyway", ""], ["place_words", ""]]) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
}

const photos = pickPhotos(form, texts, {
  onChanged(count) {
    form.querySelector("[data-no-photo]").hidden = count > 0;
    form.querySelector("[data-some-photo]").hidden = count === 0;
  },
  onPicked: () => onward("what"),
  onPlace: (place) => mapPlace.offer(place),
  onTime: offerTime,
});
const mapPlace = choosePlace(form, texts);

// --- Walking through the steps ---------------------------------------------------------------------------------------

function show(step, isFirst = false) {
  state.step = step;
  for (const [name, section] of Object.entries(steps)) section.hidden = name !== step;
  const now = NUMBERS[step];
  flow.querySelector("[data-step-now]").textContent = now;
  flow.querySelectorAll("[data-steps] li").forEach((mark, index) => {
    mark.classList.toggle("is-done", index + 1 < now);
    mark.classList.toggle("is-now", index + 1 === now);
  });
  form.querySelector("[data-when-chosen]").hidden = !category();
  if (step === "where") showPlace();
  if (step === "check") review();
  if (isFirst) return;
  scrollTo(0, 0);
  steps[step].querySelector("h2").focus({ preventScroll: true });
}

function go(step) {
  if (step === state.step) return;
  history.pushState({ step, depth: (history.state?.depth ?? 0) + 1 }, "");
  show(step);
}

function goBack() {
  if (history.state?.depth) return history.back();
  // The page began here, after an error: there is no earlier step in the history yet.
  history.replaceState({ step: BEFORE[state.step] }, "");
  return show(BEFORE[state.step]);
}

// After a correction the way leads back to the last step, by the neighbours where these may have changed.
function onward(next) {
  if (!state.isEditing) return go(next);
  if (next === "where") return afterPlace();
  state.isEditing = false;
  return go("check");
}

const isPlaced = () => Boolean((form.elements.lon.value && form.elements.lat.value) || form.elements.quarter.value);

async function afterPlace() {
  const { lon, lat, anyway } = form.elements;
  const chosen = category();
  if (!chosen) return go("what");
  if (!isPlaced()) return go("where");
  state.isEditing = false;
  anyway.value = "";
  const cards = lon.value ? await similar(chosen.value, lon.value, lat.value) : null;
  if (cards) return showNearby(cards);
  return go("check");
}

async function similar(code, lon, lat) {
  const query = new URLSearchParams({ category: code, lon, lat });
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), NEARBY_MS);
  try {
    const reply = await fetch(`${form.dataset.nearbyUrl}?${query}`, { signal: patience.signal });
    if (reply.status === 204) form.elements.anyway.value = "1";
    return reply.status === 200 ? await reply.text() : null;
  } catch {
    return null; // asked again by the server when the report is sent
  } finally {
    clearTimeout(timer);
  }
}

function showNearby(cards, sendAfter = false) {
  state.sendAfterNearby = sendAfter;
  form.querySelector("[data-nearby]").innerHTML = cards;
  go("nearby");
}

// --- Where -----------------------------------------------------------------------------------------------------------

function showPlace() {
  const { lon, quarter } = form.elements;
  if (quarter.value && !lon.value) state.inWords = true;
  form.querySelector("[data-words-part]").hidden = !state.inWords;
  form.querySelector("[data-to-words]").hidden = state.inWords;
  form.querySelector("[data-to-map]").hidden = !state.inWords;
  form.querySelector("[data-words-toggle]").setAttribute("aria-expanded", String(state.inWords));
  if (state.inWords) return mapPlace.close();
  return mapPlace.open().catch(() => {
    state.inWords = true;
    showPlace();
    problem("id_quarter", texts.no_map);
  });
}

function here() {
  const { lon, lat, quarter, address, place_words: words } = form.elements;
  clearProblems();
  if (state.inWords) {
    lon.value = lat.value = words.value = "";
    if (!quarter.value) return problem("id_quarter", texts.missing_quarter);
    if (!address.value.trim()) return problem("id_address", texts.missing_address);
  } else {
    const point = mapPlace.chosen();
    if (!point) return undefined;
    quarter.value = "";
    [lon.value, lat.value] = [point.lon, point.lat];
  }
  save(form);
  return afterPlace();
}

// `takenAt` is sent as the camera wrote it: without a zone it is the town's time, which the server knows.
function offerTime(takenAt) {
  const row = form.querySelector("[data-photo-time]");
  const moment = new Date(takenAt);
  if (!row || Date.now() - moment < HOUR_MS) return;
  const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(moment);
  row.querySelector("span").textContent = texts.photo_time.replace("{date}", date);
  Object.assign(row.querySelector("input"), { value: takenAt, disabled: false });
  row.hidden = false;
}

// --- Checking and sending --------------------------------------------------------------------------------------------

function review() {
  const { quarter, address, place_words: words } = form.elements;
  const place = [address.value.trim(), state.inWords ? quarter.selectedOptions[0]?.textContent : words.value];
  const answers = { photo: photos.words(), what: category()?.dataset.name ?? "", where: place.filter(Boolean).join(", ") };
  for (const [name, value] of Object.entries(answers)) form.querySelector(`[data-answer="${name}"]`).textContent = value;
}

function tell(words, tone = "") {
  told.textContent = words;
  told.dataset.tone = tone;
}

function rest() {
  state.isSending = false;
  sendButton.disabled = false;
  sendButton.removeAttribute("aria-busy");
  progress.hidden = true;
}

async function submit() {
  if (state.isSending || state.isSent) return;
  clearProblems();
  state.isSending = true;
  sendButton.disabled = true;
  sendButton.setAttribute("aria-busy", "true");
  tell(photos.count() ? texts.preparing : texts.sending);
  const files = await photos.files();
  progress.hidden = false;
  tell(texts.sending);
  const answer = await send(form, files, (percent) => { progress.value = percent; });
  if (answer.kind === "sent") {
    state.isSent = true;
    clear();
    location.assign(answer.url);
    return;
  }
  rest();
  if (answer.kind === "nearby") {
    tell("");
    showNearby(answer.cards, true);
  } else if (answer.kind === "refused") {
    tell("");
    if (answer.key) form.elements.idempotency_key.value = answer.key;
    explain(answer.errors);
  } else tell(answer.kind === "offline" ? texts.no_network : texts.server_error, "wrong");
}

// --- What is wrong ---------------------------------------------------------------------------------------------------

function clearProblems() {
  document.title = plainTitle;
  summary.replaceChildren();
  form.querySelectorAll("[data-said]").forEach((said) => said.remove());
  form.querySelectorAll(".field-wrong").forEach((field) => field.classList.remove("field-wrong"));
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
}

// The same words beside the field.
function mark(id, words) {
  const target = document.getElementById(id);
  if (!target) return null;
  const said = document.createElement("ul");
  said.className = "field-error";
  said.dataset.said = "";
  said.id = `${id}_said`;
  said.append(Object.assign(document.createElement("li"), { textContent: words }));
  const field = target.closest(".field, .picker");
  field?.classList.add("field-wrong");
  if (target.matches("input, select, textarea")) {
    target.setAttribute("aria-invalid", "true");
    target.setAttribute("aria-describedby", [`${id}_helptext`, said.id].filter((other) => other === said.id || document.getElementById(other)).join(" "));
    target.before(said);
  } else target.prepend(said);
  return target;
}

// A group (tiles, photos) is entered by its first input unless it can hold the focus itself.
const entrance = (target) => (target.matches("input, select, textarea, [tabindex]") ? target : target.querySelector("input"));

function problem(id, words) {
  entrance(mark(id, words)).focus();
}

function explain(errors) {
  const box = document.querySelector("[data-summary-template]").content.firstElementChild.cloneNode(true);
  for (const { field, label, message } of errors) {
    const line = document.createElement("li");
    if (field && mark(field, message)) {
      const link = Object.assign(document.createElement("a"), { href: `#${field}`, textContent: `${label} – ${message}` });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const target = document.getElementById(field);
        state.isEditing = true;
        go(target.closest("[data-step]").dataset.step);
        entrance(target).focus();
      });
      line.append(link);
    } else line.textContent = message;
    box.querySelector("ul").append(line);
  }
  summary.replaceChildren(box);
  document.title = `${texts.error_prefix} ${plainTitle}`;
  scrollTo(0, 0);
  box.focus();
}

// --- Beginning -------------------------------------------------------------------------------------------------------

function listen() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (state.step === "check") submit();
    else steps[state.step].querySelector("[data-here], [data-next]")?.click(); // Enter in a field of an earlier step
  });
  form.addEventListener("input", () => save(form));
  // A finger or a mouse on a tile goes on by itself; arrow keys only choose, and Enter goes on.
  for (const label of form.querySelectorAll(".tile label")) {
    label.addEventListener("click", () => setTimeout(() => { save(form); onward("where"); }));
  }
  steps.what.addEventListener("change", () => { form.querySelector("[data-when-chosen]").hidden = false; });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button, a[data-edit]");
    if (!button) return;
    if (button.matches("[data-back]")) goBack();
    else if (button.matches("[data-other]")) {
      event.preventDefault();
      form.elements.anyway.value = "1";
      go("check");
      if (state.sendAfterNearby) submit();
    }
    else if (button.matches("[data-here]")) here();
    else if (button.matches("[data-next]")) onward(state.step === "photo" ? "what" : "where");
    else if (button.matches("[data-words-toggle]")) {
      state.inWords = !state.inWords;
      if (!state.inWords) form.elements.quarter.value = "";
      showPlace();
    } else if (button.matches("[data-edit]")) {
      event.preventDefault();
      state.isEditing = true;
      go(button.dataset.edit);
    }
  });
  flow.querySelector("[data-restart]").addEventListener("click", () => { clear(); location.replace(form.action); });
  addEventListener("popstate", (event) => show(event.state?.step ?? "photo"));
  // A page kept whole by the browser would send the finished report once more.
  addEventListener("pageshow", (event) => { if (event.persisted && state.isSent) location.reload(); });
}

function begin() {
  const isReload = Boolean(history.state?.step);
  const hasErrors = summary.querySelector(".errors") !== null;
  if (!hasErrors) summary.replaceChildren();
  if (!hasErrors && restore(form)) flow.querySelector("[data-restored]").hidden = isReload;
  for (const part of form.querySelectorAll("[data-js]")) part.hidden = false;
  for (const part of form.querySelectorAll("[data-without-script]")) part.hidden = true;
  for (const part of form.querySelectorAll("[data-with-script]")) part.hidden = false;
  flow.classList.add("is-stepped");
  listen();
  const asked = form.querySelector("[data-nearby]").children.length > 0 ? "nearby" : "check";
  // Back from the thank-you page: the answers are sent and gone, so it begins anew.
  const isGone = !hasErrors && NUMBERS[history.state?.step] > NUMBERS.what && !category();
  if (isGone) history.scrollRestoration = "manual"; // not where the last step had been scrolled to
  const first = isGone ? "photo" : history.state?.step ?? (hasErrors || asked === "nearby" ? asked : "photo");
  history.replaceState({ depth: 0, ...history.state, step: first }, "");
  show(first, true);
}

begin();
