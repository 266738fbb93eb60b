// The dialog of sharing on the pages of the library.
import "../sharing/dialog.js";
import "../sharing/find.js";
