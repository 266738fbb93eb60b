// The page of models, where several can be ticked at once.
import "./basic.js";
import "../settings/tick_all.js";
