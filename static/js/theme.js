// @ts-check
// The choice of light and dark is a cookie, so that the server draws the next page with it from the first byte.

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-theme-choice]") : null;
  if (!(button instanceof HTMLElement)) return;
  const theme = button.dataset.themeChoice ?? "";
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  const life = theme ? 31_536_000 : 0;
  const framed = window.parent !== window; // a page of another site around it: no other cookie is kept there
  document.cookie = `theme=${theme}; path=/; max-age=${life}; ${framed ? "samesite=none; secure; partitioned" : "samesite=lax"}`;
});
