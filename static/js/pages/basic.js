// Every page: the theme, menus, Escape, dialogs, copy buttons, whole titles and the first error of a form.
import "../shell/theme.js";
import "../shell/menus.js";
import "../shell/escape.js";
import "../shell/dialogs.js";
import "../shell/copy_text.js";
import "../shell/whole_titles.js";
import "../shell/first_error.js";
