"""A recorded session through the same rooms as live: results, judgement against the truth, pictures."""
