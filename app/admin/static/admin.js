// Use the color scheme of the system until the user chooses one. The default of Piccolo Admin is light.
if (localStorage.getItem("darkMode") === null) {
  localStorage.setItem("darkMode", String(matchMedia("(prefers-color-scheme: dark)").matches));
}
