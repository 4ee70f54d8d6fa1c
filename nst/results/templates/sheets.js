// The contact sheets, those of which the title has all the words that the reader looks for.

function showSheets() {
  const sheets = [...document.querySelectorAll("#sheets figure")], words = wordsOf(state.find);
  const shown = sheets.filter((sheet) => {
    sheet.hidden = !words.every((word) => sheet.dataset.title.toLowerCase().includes(word));
    return !sheet.hidden;
  });
  return sheets.length ? `${shown.length} of ${sheets.length} sheets` : "";
}
