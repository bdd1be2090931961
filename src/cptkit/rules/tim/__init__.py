"""TIM: time against codes and units."""
