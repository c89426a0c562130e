function slug(text) {
  return text.toLowerCase().replaceAll(" ", "-");
}

module.exports = { slug };
