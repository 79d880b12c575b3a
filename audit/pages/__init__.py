"""What a tenant's people see of their documents, of what came in, and of what waits for them."""
