const { slug } = require("./slug.js");

function title(text) {
  return `${text} (${slug(text)})`;
}

module.exports = { title };
