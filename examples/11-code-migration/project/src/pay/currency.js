module.exports = function currency(cents) {
  return `${(cents / 100).toFixed(2)} EUR`;
};
