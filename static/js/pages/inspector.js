// The inspector of a run as a page of its own.
import "./basic.js";
import "../code/forms.js";
import "../inspector/tabs.js";
import "../inspector/find.js";
