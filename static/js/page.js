// @ts-check
// What every page does: menus, dialogs, theme, the line that tells of a lost connection, fields that save themselves.
import "./menu.js";
import "./dialog.js";
import "./theme.js";
import "./offline.js";
import "./field.js";

// Where the places of the banner do not fit, the present one is scrolled into view.
document.querySelector(".banner-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
