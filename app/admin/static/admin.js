// Dark where the system is dark, until the reader chooses: Piccolo Admin itself begins light everywhere.
if (localStorage.getItem("darkMode") === null) {
  localStorage.setItem("darkMode", String(matchMedia("(prefers-color-scheme: dark)").matches));
}
