// Pages on which a passkey is used or added: the sign-in and its second step.
import "./basic.js";
import "../settings/passkeys.js";
