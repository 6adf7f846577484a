"""Universal rules on a zoo: mined or counted, applied blindly or step by step, with the measures of their paper."""
