// The page of a prompt: the form of its model's parameters.
import "./basic.js";
import "../parameters/boxed.js";
