"""Whether, how much and until when a payer pays: what a profile says of a line."""
