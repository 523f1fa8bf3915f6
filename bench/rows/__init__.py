"""The rows of the table, a module each: `run` returns rows and the windows behind them."""
