// Every page: the theme, menus, Escape, dialogs, copy buttons, whole titles, the first error of a form and past messages.
import "../shell/theme.js";
import "../shell/menus.js";
import "../shell/escape.js";
import "../shell/dialogs.js";
import "../shell/copy_text.js";
import "../shell/whole_titles.js";
import "../shell/first_error.js";
import "../shell/past_messages.js";
