// Up to three photos: shrunk on the phone before they travel, shown as thumbs, each removable.

export function pickPhotos(form, texts, { onPicked, onChanged, onPlace, onTime }) {
  const picker = form.querySelector("[data-picker]");
  const thumbs = picker.querySelector("[data-thumbs]");
  const told = picker.querySelector("[data-picked]");
  const model = picker.querySelector("[data-thumb-template]");
  const max = Number(picker.dataset.max) - form.querySelectorAll("[name=kept]").length;
  let photos = [];

  const words = () => {
    const count = photos.length + form.querySelectorAll("[name=kept]").length;
    if (!count) return texts.no_photo;
    return count === 1 ? texts.one_photo : texts.many_photos.replace("{n}", count);
  };

  function show(photo) {
    const item = model.content.firstElementChild.cloneNode(true);
    const image = item.querySelector("img");
    image.src = URL.createObjectURL(photo.original);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.addEventListener("error", () => image.remove()); // a format that this browser cannot draw; the server can
    item.querySelector("[data-remove]").addEventListener("click", () => {
      photos = photos.filter((other) => other !== photo);
      item.remove();
      told.textContent = words();
      onChanged(photos.length);
      picker.querySelector("input").focus();
    });
    thumbs.append(item);
  }

  async function prepare(file) {
    const { shrink, readPlaceAndTime } = await import("./photo.js");
    const facts = await readPlaceAndTime(file);
    if (facts && facts.lat !== null) onPlace(facts);
    if (facts?.takenAt) onTime(facts.takenAt);
    return shrink(file);
  }

  function take(input) {
    const given = [...input.files];
    input.value = ""; // the shrunk ones are sent instead
    const taken = given.slice(0, max - photos.length);
    for (const file of taken) {
      // A photo that cannot be shrunk travels as it is: the server knows more formats.
      const photo = { original: file, ready: prepare(file).catch(() => file) };
      photos.push(photo);
      show(photo);
    }
    told.textContent = taken.length < given.length ? texts.too_many : words();
    onChanged(photos.length);
    if (taken.length) onPicked();
  }

  picker.addEventListener("change", (event) => take(event.target));
  // On a slow line the camera is quicker than this file. Later, because whoever calls is not ready before we return.
  setTimeout(() => [...picker.querySelectorAll("input[type=file]")].filter(({ files }) => files.length).forEach(take));

  return { words, count: () => photos.length, files: () => Promise.all(photos.map((photo) => photo.ready)) };
}
