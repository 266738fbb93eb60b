// The start of an experiment: the choice of prompts and models, and the form of its sets of parameters.
import "./basic.js";
import "../library/checklist.js";
import "../parameters/boxed.js";
