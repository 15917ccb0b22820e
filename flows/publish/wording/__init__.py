"""How numbers, standings and findings are put into words, in Chinese and English."""
