// Every page: the theme, menus, dialogs and copy buttons.
import "../shell/theme.js";
import "../shell/menus.js";
import "../shell/dialogs.js";
import "../shell/copy_text.js";
