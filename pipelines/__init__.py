"""How the house runs: which asset exists, when it runs, what must hold before the next."""
