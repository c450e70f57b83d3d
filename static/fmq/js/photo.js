/**
 * Photos on the phone, before they are sent: made small, and asked where and when they were taken.
 *
 * Both functions take a File as it comes from the camera or the gallery, and never throw: what cannot be read here is
 * left to the server, which judges every byte again.
 */

const HEADER_BYTES = 256 * 1024;
const SMALLEST_SIDE = 480;
const QUALITIES = [0.82, 0.74, 0.66, 0.58, 0.5];

/**
 * Scale a photo down to a JPEG whose longest side is at most `max` pixels and which weighs at most `target` bytes.
 * Turned upright, and without metadata, because only pixels pass through the canvas. A file that this browser cannot
 * decode (HEIC outside of Safari, a broken file) comes back as it is.
 *
 * @param {File} file
 * @param {{max?: number, target?: number}} [limits]
 * @returns {Promise<File>}
 */
export async function shrink(file, { max = 1600, target = 180_000 } = {}) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  try {
    const blob = await lightest(bitmap, max, target);
    return blob ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  } finally {
    bitmap.close();
  }
}

/** First encoding within `target` bytes: lower quality first, then fewer pixels; the last try counts anyway. */
async function lightest(bitmap, max, target) {
  let blob = null;
  for (let side = max; ; side *= 0.8) {
    const canvas = drawn(bitmap, side);
    for (const quality of QUALITIES) {
      blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
      if (!blob || blob.size <= target) return blob;
    }
    if (side < SMALLEST_SIDE) return blob;
  }
}

function drawn(bitmap, side) {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "#fff"; // JPEG knows no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * Place and time from the EXIF of a JPEG, to be read before `shrink`, which loses them.
 *
 * `lat` and `lon` are degrees or both null; `takenAt` is ISO 8601, with the offset from UTC only if the camera wrote it
 * (local time of the photo otherwise), or null. Null as a whole when the file says neither.
 *
 * @param {File} file
 * @returns {Promise<{lat: number|null, lon: number|null, takenAt: string|null}|null>}
 */
export async function readPlaceAndTime(file) {
  try {
    const view = new DataView(await file.slice(0, HEADER_BYTES).arrayBuffer());
    const tiff = exifBlock(view);
    return tiff && placeAndTime(tiff);
  } catch {
    return null; // a RangeError of DataView: the block points outside of itself
  }
}

/** The TIFF block inside the first APP1 "Exif" segment. */
function exifBlock(view) {
  if (view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 <= view.byteLength) {
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (marker < 0xffc0 || marker === 0xffda || length < 2) return null;
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966 && view.getUint16(at + 8) === 0) {
      const end = Math.min(at + 2 + length, view.byteLength);
      return new DataView(view.buffer, at + 10, end - at - 10);
    }
    at += 2 + length;
  }
  return null;
}

function placeAndTime(tiff) {
  const little = tiff.getUint16(0) === 0x4949;
  const main = directory(tiff, tiff.getUint32(4, little), little);
  const linked = (tag) =>
    main.has(tag) ? directory(tiff, tiff.getUint32(main.get(tag) + 8, little), little) : new Map();
  const details = linked(0x8769);
  const gps = linked(0x8825);
  const lat = degrees(tiff, gps, 1, { N: 1, S: -1 }, 90, little);
  const lon = degrees(tiff, gps, 3, { E: 1, W: -1 }, 180, little);
  const place = lat === null || lon === null || (lat === 0 && lon === 0) ? { lat: null, lon: null } : { lat, lon };
  const takenAt = moment(text(tiff, details.get(0x9003), little), text(tiff, details.get(0x9011), little));
  return place.lat === null && takenAt === null ? null : { ...place, takenAt };
}

/** Where the entry of each tag of a directory starts. */
function directory(tiff, start, little) {
  const entries = new Map();
  const count = tiff.getUint16(start, little);
  for (let index = 0, at = start + 2; index < count && at + 12 <= tiff.byteLength; index += 1, at += 12) {
    if (!entries.has(tiff.getUint16(at, little))) entries.set(tiff.getUint16(at, little), at);
  }
  return entries;
}

function text(tiff, at, little) {
  if (at === undefined || tiff.getUint16(at + 2, little) !== 2) return "";
  const length = Math.min(tiff.getUint32(at + 4, little), 32);
  const start = length > 4 ? tiff.getUint32(at + 8, little) : at + 8;
  let value = "";
  for (let index = 0; index < length && tiff.getUint8(start + index); index += 1) {
    value += String.fromCharCode(tiff.getUint8(start + index));
  }
  return value.trim();
}

/** Degrees, minutes and seconds as three fractions behind their reference; null unless they make a place. */
function degrees(tiff, gps, tag, signs, bound, little) {
  const sign = signs[text(tiff, gps.get(tag), little).toUpperCase()];
  const at = gps.get(tag + 1);
  const read = at === undefined ? undefined : { 5: tiff.getUint32, 10: tiff.getInt32 }[tiff.getUint16(at + 2, little)];
  if (!sign || !read || tiff.getUint32(at + 4, little) !== 3) return null;
  const start = tiff.getUint32(at + 8, little);
  let value = 0;
  for (let part = 0; part < 3; part += 1) {
    const [over, under] = [0, 4].map((offset) => read.call(tiff, start + 8 * part + offset, little));
    value += over / under / 60 ** part;
  }
  return Math.abs(value) <= bound ? sign * value : null;
}

function moment(local, offset) {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(local);
  if (!parts || parts[1] < "1990") return null; // clocks that were never set say 0000, 1970 or 1980
  const taken = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}`;
  const zone = /^([+-]\d\d:\d\d|Z)$/.test(offset) ? offset : "";
  if (!Number.isNaN(Date.parse(taken + zone))) return taken + zone;
  return Number.isNaN(Date.parse(taken)) ? null : taken;
}
