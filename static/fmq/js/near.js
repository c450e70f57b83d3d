// "Near me" on the list: asks for the place once, then lets the server sort. Without a place the button stays hidden.

const button = document.querySelector("[data-near]");

function show({ coords: { longitude, latitude } }) {
  const query = new URLSearchParams(location.search);
  query.delete("page");
  query.set("near", `${longitude.toFixed(5)},${latitude.toFixed(5)}`);
  query.set("sort", "nearest");
  location.search = query;
}

function fail() {
  button.disabled = false;
  button.querySelector("span").textContent = button.dataset.failed;
}

if (navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(show, fail, { timeout: 8000, maximumAge: 60000 });
  });
}
