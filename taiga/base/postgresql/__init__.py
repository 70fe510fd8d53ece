"""Django's engine for PostgreSQL, with faster connections and statements."""
