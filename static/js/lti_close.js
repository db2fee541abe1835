// @ts-check
// Tells the learning platform that the registration is done: it may close the window or frame that it opened (LTI Dynamic
// Registration 1.0, 3.8). The message holds no secret, so that it may go to whatever page opened this one.

const close = document.querySelector("[data-lti-close-now]");
const platform = window.opener ?? (window.parent === window ? null : window.parent);

/** Tells whoever opened this page. */
function tell() {
  platform?.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
}

if (platform && close instanceof HTMLButtonElement) {
  close.hidden = false;
  close.addEventListener("click", tell);
  tell();
}

export {};
