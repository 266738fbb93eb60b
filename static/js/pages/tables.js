// The pages of a test table.
import "./basic.js";
import "../library/checklist.js";
import "../tables/checks.js";
import "../tables/paste.js";
import "../tables/progress.js";
import "../tables/return.js";
