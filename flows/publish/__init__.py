"""The published site and ledger, made from the warehouse alone."""
