/* Starts Swagger UI on the page of the API, without any inline script. */
const place = document.getElementById("api-docs");

// What somebody without a mouse or without sight misses in it: landmarks around what stands before the operations, a heading
// between the page's and those of the groups, no link inside the button that opens an operation (its address is kept up to
// date all the same), a name for each field, and code that a keyboard scrolls.
const named = (React, words, part) => React.createElement("label", null, React.createElement("span", { className: "vh" }, words), part);
const accessible = {
  wrapComponents: {
    InfoContainer: (Original, { React }) => (props) => React.createElement("div", { role: "banner" }, React.createElement(Original, props)),
    AuthorizeBtnContainer: (Original, { React }) => (props) =>
      React.createElement("section", { "aria-label": "Authorization" }, React.createElement(Original, props)),
    operations: (Original, { React }) => (props) =>
      React.createElement(React.Fragment, null, React.createElement("h2", { className: "vh" }, "Operations"), React.createElement(Original, props)),
    DeepLink: (_Original, { React }) => ({ text }) => React.createElement("span", { className: "nostyle" }, text),
    JsonSchema_string: (Original, { React }) => (props) =>
      named(React, props.description || "Value", React.createElement(Original, props)),
    TextArea: (Original, { React }) => (props) => named(React, "Request body", React.createElement(Original, props)),
  },
};

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [accessible],
  layout: "BaseLayout",
  deepLinking: true,
  syntaxHighlight: { theme: "obsidian" }, // the one whose colours can be read
  // Signed requests use a token; the session's cookie is not sent.
  requestInterceptor: (request) => ({ ...request, credentials: "omit" }),
});

new MutationObserver(() => {
  for (const code of place.querySelectorAll("pre.microlight:not([tabindex])")) code.tabIndex = 0;
}).observe(place, { childList: true, subtree: true });
