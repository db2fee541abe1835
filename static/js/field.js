// @ts-check
// Fields that save themselves are drawn by the server; see views/field.templ.
export {};
