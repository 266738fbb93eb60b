// A form that was refused comes back with the page. Its first wrong field has the focus and is brought into sight; without one, its first error is.
const FORM = ":is(.settings-main, .plain) form";
const wrong = document.querySelector(`${FORM} [aria-invalid="true"]`) ?? document.querySelector(`${FORM} .notice.error`);

if (wrong) {
  const details = wrong.closest("details");
  if (details) details.open = true;
  wrong.focus({ preventScroll: true });
  // The message of a field stands below it.
  (wrong.closest(".field") ?? wrong).scrollIntoView({ block: "center" });
}
