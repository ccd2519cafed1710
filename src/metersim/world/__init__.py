"""All that a reset throws away: one billing world, its clock and its source of chance."""
