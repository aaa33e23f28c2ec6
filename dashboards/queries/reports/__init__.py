"""Reports: tables of metrics, declared once, the same on the screen, in Excel and on paper."""
