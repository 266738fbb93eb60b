// The page of a prompt: the form of its model's parameters, and a question before changes are lost.
import "./basic.js";
import "../library/unsaved.js";
import "../parameters/boxed.js";
