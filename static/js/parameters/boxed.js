// A form of parameters outside of the playground's pane.
import "./form.js";
import "./numbers.js";
import "./rows.js";
import "./sync.js";
import "./search.js";
import "./help.js";
