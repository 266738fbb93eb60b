// Whether sockets were blocked on the way of this tab's last page: then the next page need not find out again.
const NAME = "live:blocked";

export const isBlocked = () => {
  try {
    return sessionStorage.getItem(NAME) !== null;
  } catch {
    return false; // Storage may be forbidden; the page finds out by itself then.
  }
};

export const setBlocked = (value) => {
  try {
    if (value) sessionStorage.setItem(NAME, "yes");
    else sessionStorage.removeItem(NAME);
  } catch {
    // The finding lasts as long as the page then.
  }
};
