// The page of usage, whose chart is read with the arrow keys.
import "./basic.js";
import "../settings/chart_keys.js";
