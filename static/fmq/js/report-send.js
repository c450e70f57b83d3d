// One sending at a time, with its progress; what comes back is told in kinds, so that the form can stay on the screen.

const PATIENCE_MS = 120000;

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

// Resolves to {kind: "sent", url} · {kind: "nearby", cards} · {kind: "refused", errors, key} · {kind: "failed"} ·
// {kind: "offline"}. XMLHttpRequest, because fetch cannot tell how much has gone up.
export function send(form, photos, onProgress) {
  const body = new FormData(form);
  body.delete("photos");
  for (const photo of photos) body.append("photos", photo, photo.name || "photo.jpg");
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.timeout = PATIENCE_MS;
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? (100 * loaded) / total : 0));
    for (const failure of ["error", "timeout", "abort"]) {
      request.addEventListener(failure, () => resolve({ kind: "offline" }));
    }
    request.addEventListener("load", () => {
      const answer = answerOf(request);
      if (answer.banned) location.assign(answer.banned); // says why, and takes an appeal; the draft stays
      else if (answer.url) resolve({ kind: "sent", url: answer.url });
      else if (answer.nearby) resolve({ kind: "nearby", cards: answer.nearby });
      else if (answer.errors) resolve({ kind: "refused", errors: answer.errors, key: answer.key });
      else resolve({ kind: "failed" });
    });
    request.send(body);
  });
}
