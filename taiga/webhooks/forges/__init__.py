"""How each forge's hooks are read. Nothing here touches the database."""
