// A form that was refused comes back with the page. Its first error is brought into sight, and a wrong field has the focus.
const error = document.querySelector(':is(.settings-main, .plain) form :is([aria-invalid="true"], .notice.error)');

if (error) {
  const details = error.closest("details");
  if (details) details.open = true;
  error.focus({ preventScroll: true });
  // The message of a field stands below it.
  (error.closest(".field") ?? error).scrollIntoView({ block: "center" });
}
