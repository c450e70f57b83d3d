/* Starts Swagger UI on the page of the API, without any inline script. */
const place = document.getElementById("api-docs");

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  // Signed requests use a token; the session's cookie is not sent.
  requestInterceptor: (request) => ({ ...request, credentials: "omit" }),
});
