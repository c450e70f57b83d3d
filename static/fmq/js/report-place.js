// Where it is: a map that moves under a fixed pin, loaded only when somebody comes to this step.

import { wake } from "./wake.js";

const FAR_METRES = 100;
const CLOSE_ZOOM = 17;
const TOWN_ZOOM = 13;
const LOOK_UP_MS = 350;
const GPS = { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 };

export function choosePlace(form, texts) {
  const part = form.querySelector("[data-map-part]");
  const told = form.querySelector("[data-place-words]");
  const photoButton = form.querySelector("[data-photo-place]");
  const towns = JSON.parse(document.getElementById("villes").textContent);
  let map = null;
  let opening = null;
  let isAimed = false; // by the person's hand, the phone or the photo; a map that nobody moved says nothing
  let served = null;
  let circle = null;
  let question = 0;
  let photoPlace = null;
  let locating = null;
  let timer = 0;

  function tell(words, tone = "soft") {
    told.textContent = words;
    told.dataset.tone = tone;
  }

  const aim = () => {
    const { lng, lat } = map.getCenter().wrap();
    return { lon: lng.toFixed(5), lat: lat.toFixed(5) };
  };

  const ask = ({ lon, lat }) => fetch(`${form.dataset.placeUrl}?lon=${lon}&lat=${lat}`).then((reply) => reply.json()).catch(() => null);

  // Whether the answer is still about the place under the pin.
  async function lookUp() {
    clearTimeout(timer);
    const mine = ++question;
    const answer = await ask(aim());
    if (mine !== question) return false; // the map has moved on
    served = answer ? answer.served : null;
    if (!answer) tell("");
    else if (answer.served) tell(texts.at.replace("{place}", answer.message), "found");
    else tell(answer.message, "wrong");
    form.elements.place_words.value = answer?.served ? answer.message : "";
    return true;
  }

  function goTo(lon, lat, zoom = CLOSE_ZOOM) {
    isAimed = true;
    map.setView([lat, lon], zoom, { animate: false });
  }

  function goToTown() {
    const [lon, lat] = towns[0] || [0, 0];
    isAimed = false;
    map.setView([lat, lon], TOWN_ZOOM, { animate: false });
  }

  function locate() {
    locating ??= new Promise((resolve, reject) => {
      if (!navigator.geolocation) reject(new Error("none"));
      else navigator.geolocation.getCurrentPosition(resolve, reject, GPS);
    });
    return locating;
  }

  async function useOwnPosition(isAsked) {
    if (isAsked) locating = null;
    tell(texts.locating);
    try {
      const { coords } = await locate();
      circle?.remove();
      circle = L.circle([coords.latitude, coords.longitude], {
        radius: coords.accuracy, interactive: false, weight: 2, color: getComputedStyle(part).getPropertyValue("--focus"), fillOpacity: 0.12,
      }).addTo(map);
      if (isAimed && !isAsked) return void lookUp();
      const isVague = coords.accuracy > FAR_METRES;
      goTo(coords.longitude, coords.latitude, isVague ? CLOSE_ZOOM - 1 : CLOSE_ZOOM);
      isAimed = !isVague;
      if (!await lookUp()) return;
      if (served === false) goToTown(); // its words stay, over a map of the town: nobody drags one across a country
      else if (isVague) tell(texts.vague.replace("{metres}", Math.round(coords.accuracy)));
    } catch (error) {
      locating = null;
      if (!isAimed) tell(error.code === 1 ? texts.denied : texts.not_found);
      else lookUp();
    }
  }

  async function build() {
    await wake(document.querySelector("[data-map-assets]"));
    const { makeMap } = await import("./basemap.js");
    const area = form.querySelector("[data-place-map]");
    map = makeMap(area, {});
    goToTown();
    const byHand = () => { isAimed = true; };
    map.on("dragstart", byHand);
    area.addEventListener("keydown", byHand);
    // Nothing by dragging alone: a tap brings that place under the pin.
    map.on("click", ({ latlng }) => { byHand(); map.panTo(latlng); });
    map.on("moveend", () => {
      if (!isAimed) return;
      clearTimeout(timer);
      timer = setTimeout(() => isAimed && lookUp(), LOOK_UP_MS); // a vague position is no aim: its words stay
    });
    const { lon: oldLon, lat: oldLat } = form.elements;
    if (oldLon.value && oldLat.value) goTo(Number(oldLon.value), Number(oldLat.value));
    else useOwnPosition(false);
  }

  async function open() {
    part.hidden = false;
    opening ??= build();
    await opening;
    map.invalidateSize();
  }

  form.querySelector("[data-locate]").addEventListener("click", () => map && useOwnPosition(true));
  photoButton.addEventListener("click", () => map && goTo(photoPlace.lon, photoPlace.lat));

  // Who has allowed it before is not asked again, so the answer can be on its way while they choose a tile.
  navigator.permissions?.query({ name: "geolocation" }).then(
    (permission) => permission.state === "granted" && locate().catch(() => { locating = null; }),
    () => undefined, // a browser that does not know the question asks at the map
  );

  return {
    open,
    close: () => { part.hidden = true; },
    // A photo from another town is no help here.
    async offer(place) {
      photoPlace = place;
      const answer = await ask(place);
      if (place === photoPlace) photoButton.hidden = answer?.served === false;
    },
    // The point under the pin, or null after saying why it will not do.
    chosen() {
      if (!map) return null;
      if (!isAimed) return tell(texts.move_map, "wrong") ?? null;
      if (served === false) return tell(told.textContent, "wrong") ?? null;
      return aim();
    },
  };
}
