// Messages of a thread: their codes, roles and addresses. The thread has a pattern for each address, because a page has
// hundreds of messages.
const ANY_CODE = "00000000-0000-0000-0000-000000000000";

export const codeOf = (message) => message.id.replace("message-", "");

export const roleOf = (message) => ["user", "assistant", "tool"].find((role) => message.classList.contains(role));

export const addressFor = (message, name, thread = message.closest(".thread")) => thread.dataset[name].replace(ANY_CODE, codeOf(message));
