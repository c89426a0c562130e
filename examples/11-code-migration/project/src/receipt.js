const currency = require("./pay/currency.js");
const { total } = require("./pay/total.js");
const { title } = require("./text/title.js");

function receipt(name, lines) {
  const rows = lines.map(({ article, cents }) => `${article}: ${currency(cents)}`);
  return [title(name), ...rows, `Total: ${total(lines)}`].join("\n");
}

module.exports = { receipt };

if (require.main === module) {
  const lines = [
    { article: "screw", cents: 12 },
    { article: "nut", cents: 8 },
  ];
  process.stdout.write(`${receipt("Ada Lovelace", lines)}\n`);
}
