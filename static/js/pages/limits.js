// The page of limits, where one of many people is chosen.
import "./basic.js";
import "../settings/person_choice.js";
