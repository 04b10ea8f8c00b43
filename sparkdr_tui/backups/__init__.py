"""Which backups exist, how old they are against their RPO, and what is known of them."""
