// Dollars by the same rule as accounts.money: with cents, and below ten cents with at least two significant figures.
export const usd = (amount) => {
  if (amount === 0) return "$0";
  if (amount >= 0.1) return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  const exponent = Number(amount.toExponential().split("e")[1]);
  // Four places suffice on most receipts.
  const [whole, fraction] = amount.toFixed(Math.max(4, 1 - exponent)).split(".");
  return `$${whole}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
};
