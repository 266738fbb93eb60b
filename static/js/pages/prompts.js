// The library of prompts: the choice of an import, and the code of an export.
import "./basic.js";
import "../library/checklist.js";
import "../code/forms.js";
