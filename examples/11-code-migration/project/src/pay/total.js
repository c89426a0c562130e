const currency = require("./currency.js");

function total(lines) {
  return currency(lines.reduce((sum, { cents }) => sum + cents, 0));
}

module.exports = { total };
