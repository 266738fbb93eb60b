// The page of limits, where one of many people is chosen, and the time zone of all.
import "./basic.js";
import "../settings/person_choice.js";
import "../settings/time_zones.js";
