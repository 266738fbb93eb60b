// The import of tools and schemas, where some of many are chosen.
import "./basic.js";
import "../library/checklist.js";
