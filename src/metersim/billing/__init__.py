"""Pure values of metered billing: numbers, instants, meters, prices, plans, usage."""
