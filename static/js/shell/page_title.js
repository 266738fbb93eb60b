// The title of the tab, with a mark before it while something has ended that nobody has seen yet.
let text = document.title;
let mark = "";

const show = () => {
  document.title = mark ? `${mark} ${text}` : text;
};

export const setPageTitle = (title) => {
  text = `${title} · Playground`;
  show();
};

// An empty mark removes it.
export const setMark = (sign) => {
  mark = sign;
  show();
};
