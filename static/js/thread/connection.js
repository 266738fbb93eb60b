// One calm line about the connection, and the same line when a request finds out that the session is over.
(() => {
  const line = document.getElementById("connection");

  const show = (state) => {
    for (const words of line.children) words.hidden = words.dataset.connection !== state;
    line.hidden = ![...line.children].some((words) => !words.hidden);
  };

  document.addEventListener("live:state", (event) => show(event.detail));

  // Signed out, a request is redirected to the sign-in page: that is no fragment.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const asked = new URL(requestConfig.path, location.href).pathname;
    if (!xhr.responseURL || new URL(xhr.responseURL).pathname === asked) return;
    event.detail.shouldSwap = false;
    show("signed-out");
  });
})();
