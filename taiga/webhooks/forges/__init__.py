"""What each forge calls the things that its hooks tell of. Pure reading: nothing here touches the database."""
